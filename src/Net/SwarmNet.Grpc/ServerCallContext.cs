using System.Net;
using Microsoft.AspNetCore.Http;

namespace SwarmNet.Grpc;

/// <summary>One call as its handler sees it. Valid until the handler's task ends.</summary>
public sealed class ServerCallContext
{
    private readonly HttpContext _http;

    internal ServerCallContext(HttpContext http, Method method, DateTimeOffset? deadline, CancellationToken cancellationToken)
    {
        _http = http;
        Method = method;
        Deadline = deadline;
        CancellationToken = cancellationToken;
    }

    /// <summary>The method called.</summary>
    public Method Method { get; }

    /// <summary>When the caller stops waiting; null when it waits for ever.</summary>
    public DateTimeOffset? Deadline { get; }

    /// <summary>Cancelled when the caller cancels or is gone, its deadline passes, or (streams only) the server stops.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>Address of the connection's other end; null in tests without a socket.</summary>
    public IPEndPoint? Peer => _http.Connection.RemoteIpAddress is { } address
        ? new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, _http.Connection.RemotePort)
        : null;

    /// <summary>All values of a metadata key (lower case); empty when the caller sent none.</summary>
    public IReadOnlyList<string?> Metadata(string key) => _http.Request.Headers[key];

    /// <summary>A feature of the connection, put there by its middleware (peer identity, TLS handshake); null when there is none.</summary>
    public T? Feature<T>()
        where T : class => _http.Features.Get<T>();
}
