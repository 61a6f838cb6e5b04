namespace SwarmNet.Grpc;

/// <summary>How a channel reaches its peer.</summary>
public sealed class GrpcChannelOptions
{
    /// <summary>Dials: a connected stream to the peer, TLS already done. Called for the first connection and after each loss.</summary>
    public required Func<CancellationToken, ValueTask<Stream>> Connect { get; init; }

    /// <summary>The <c>:authority</c> sent; a host name, a port is optional. Peers rarely look at it.</summary>
    public string Authority { get; init; } = "localhost";

    /// <summary>The <c>user-agent</c> sent.</summary>
    public string UserAgent { get; init; } = "swarmnet-grpc/0.1";

    /// <summary>How long dialling may take. Default 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Silence on a connection with calls before a PING; an unanswered PING closes it after as long again. Default 10 s.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(10);
}
