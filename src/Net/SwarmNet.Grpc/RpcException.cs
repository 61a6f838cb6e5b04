namespace SwarmNet.Grpc;

/// <summary>
/// A call that did not end with OK. On the client: the status that the peer sent, or <see cref="StatusCode.Unavailable"/> when there was no
/// peer to talk to. On the server: thrown by a handler to end the call with this status.
/// </summary>
public sealed class RpcException(GrpcStatus status, Exception? inner = null) : Exception(status.Detail, inner)
{
    /// <summary>A status of code and sentence.</summary>
    public RpcException(StatusCode code, string detail, Exception? inner = null)
        : this(new GrpcStatus(code, detail), inner)
    {
    }

    /// <summary>How the call ended.</summary>
    public GrpcStatus Status { get; } = status;

    /// <summary>The status code.</summary>
    public StatusCode Code => Status.Code;
}
