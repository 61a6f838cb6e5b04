using Google.Protobuf;

namespace SwarmNet.Grpc;

/// <summary>What is known of a method without its message types.</summary>
/// <param name="Service">Full name of the service, with its package: <c>grpc.health.v1.Health</c>.</param>
/// <param name="Name">Name of the method.</param>
/// <param name="Kind">Which sides are streams.</param>
public abstract record Method(string Service, string Name, MethodKind Kind)
{
    /// <summary>The request path, <c>/service/name</c>.</summary>
    public string Path { get; } = $"/{Service}/{Name}";

    /// <summary>The roles that may call; names mean something to the server's authoriser only. Empty: open to anybody, even without a certificate.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>Largest request message in bytes; larger ones are refused from their prefix.</summary>
    public int MaxRequestBytes { get; init; } = Framing.DefaultMaxMessageBytes;

    /// <summary>Largest response message in bytes.</summary>
    public int MaxResponseBytes { get; init; } = Framing.DefaultMaxMessageBytes;
}

/// <summary>A method of a gRPC service: the descriptor that server and client share.</summary>
/// <inheritdoc cref="Method"/>
/// <param name="Service">Full name of the service, with its package.</param>
/// <param name="Name">Name of the method.</param>
/// <param name="Kind">Which sides are streams.</param>
/// <param name="RequestParser">Reads requests.</param>
/// <param name="ResponseParser">Reads responses.</param>
public sealed record Method<TRequest, TResponse>(
    string Service, string Name, MethodKind Kind, MessageParser<TRequest> RequestParser, MessageParser<TResponse> ResponseParser)
    : Method(Service, Name, Kind)
    where TRequest : IMessage<TRequest>
    where TResponse : IMessage<TResponse>;
