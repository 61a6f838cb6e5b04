using SwarmNet.Grpc;

namespace SwarmNet.Manager.Control;

/// <summary>Refusals by gRPC status code; made, not thrown, so that the compiler sees the flow at the call.</summary>
internal static class Refuse
{
    public static ControlException Invalid(string message) => new(StatusCode.InvalidArgument, message);

    public static ControlException NotFound(string message) => new(StatusCode.NotFound, message);

    public static ControlException Exists(string message) => new(StatusCode.AlreadyExists, message);

    public static ControlException Precondition(string message) => new(StatusCode.FailedPrecondition, message);

    public static ControlException Denied(string message) => new(StatusCode.PermissionDenied, message);

    public static ControlException Unimplemented(string message) => new(StatusCode.Unimplemented, message);

    public static ControlException Unknown(string message) => new(StatusCode.Unknown, message);
}
