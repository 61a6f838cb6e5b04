using SwarmNet.Grpc;

namespace SwarmNet.Ca;

/// <summary>A certificate that could not be had, or is not good. The message is what the user sees.</summary>
public sealed class CaException(string message, StatusCode code = StatusCode.Unknown, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The refusing manager's status code; Unknown when no manager refused.</summary>
    public StatusCode Code { get; } = code;

    /// <summary>A refusal in the words of grpc-go, which is how Docker shows it.</summary>
    internal static CaException From(RpcException refusal)
        => new($"rpc error: code = {refusal.Code} desc = {refusal.Status.Detail}", refusal.Code, refusal);
}
