using SwarmNet.Grpc;

namespace SwarmNet.Manager.Control;

/// <summary>A request that the cluster refuses: a gRPC status code and the sentence that clients see.</summary>
public sealed class ControlException(StatusCode code, string message) : Exception(message)
{
    /// <summary>The gRPC status code; the Engine API maps it to an HTTP status.</summary>
    public StatusCode Code { get; } = code;
}
