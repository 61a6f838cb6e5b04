using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Mapping;

/// <summary>Enumerations and the words that Docker's API has for them.</summary>
internal static class Words
{
    private static readonly (TaskState State, string Word)[] TaskStates =
    [
        (TaskState.New, "new"),
        // SwarmKit calls it pending; the word "allocated" of old APIs is gone.
        (TaskState.Pending, "pending"),
        (TaskState.Assigned, "assigned"),
        (TaskState.Accepted, "accepted"),
        (TaskState.Preparing, "preparing"),
        (TaskState.Ready, "ready"),
        (TaskState.Starting, "starting"),
        (TaskState.Running, "running"),
        (TaskState.Complete, "complete"),
        (TaskState.Shutdown, "shutdown"),
        (TaskState.Failed, "failed"),
        (TaskState.Rejected, "rejected"),
        (TaskState.Remove, "remove"),
        (TaskState.Orphaned, "orphaned"),
    ];

    public static string Of(TaskState state) => Array.Find(TaskStates, entry => entry.State == state).Word ?? "unknown";

    public static TaskState? ParseTaskState(string word) =>
        Array.FindIndex(TaskStates, entry => entry.Word == word) is >= 0 and var index ? TaskStates[index].State : null;

    public static string Of(NodeRole role) => role == NodeRole.Manager ? "manager" : "worker";

    public static NodeRole? ParseRole(string word) => word switch
    {
        "worker" => NodeRole.Worker,
        "manager" => NodeRole.Manager,
        _ => null,
    };

    public static string Of(NodeAvailability availability) => availability switch
    {
        NodeAvailability.Pause => "pause",
        NodeAvailability.Drain => "drain",
        _ => "active",
    };

    public static NodeAvailability? ParseAvailability(string word) => word switch
    {
        "active" => NodeAvailability.Active,
        "pause" => NodeAvailability.Pause,
        "drain" => NodeAvailability.Drain,
        _ => null,
    };

    public static string Of(NodeState state) => state switch
    {
        NodeState.Down => "down",
        NodeState.Ready => "ready",
        NodeState.Disconnected => "disconnected",
        _ => "unknown",
    };

    public static string Of(NodeMembership membership) => membership == NodeMembership.Accepted ? "accepted" : "pending";

    public static string Of(Reachability reachability) => reachability switch
    {
        Reachability.Unreachable => "unreachable",
        Reachability.Reachable => "reachable",
        _ => "unknown",
    };

    public static string Of(UpdateStatus.Types.UpdateState state) => state switch
    {
        UpdateStatus.Types.UpdateState.UpdateUpdating => "updating",
        UpdateStatus.Types.UpdateState.UpdatePaused => "paused",
        UpdateStatus.Types.UpdateState.UpdateCompleted => "completed",
        UpdateStatus.Types.UpdateState.UpdateRollbackStarted => "rollback_started",
        UpdateStatus.Types.UpdateState.UpdateRollbackPaused => "rollback_paused",
        UpdateStatus.Types.UpdateState.UpdateRollbackCompleted => "rollback_completed",
        _ => "",
    };

    public static string Of(ServiceSpec.ModeOneofCase mode) => mode switch
    {
        ServiceSpec.ModeOneofCase.Global => "global",
        ServiceSpec.ModeOneofCase.ReplicatedJob => "replicated-job",
        ServiceSpec.ModeOneofCase.GlobalJob => "global-job",
        _ => "replicated",
    };

    public static string RuntimeOf(TaskSpec? task) => task?.RuntimeCase switch
    {
        TaskSpec.RuntimeOneofCase.Attachment => "attachment",
        TaskSpec.RuntimeOneofCase.Generic => task.Generic.Kind,
        _ => "container",
    };

    public static string Of(PortProtocol protocol) => protocol switch
    {
        PortProtocol.Udp => "udp",
        PortProtocol.Sctp => "sctp",
        _ => "tcp",
    };

    public static string Of(PublishMode mode) => mode == PublishMode.Host ? "host" : "ingress";

    public static string Of(EndpointResolutionMode mode) => mode == EndpointResolutionMode.Dnsrr ? "dnsrr" : "vip";
}
