using Google.Protobuf;
using SwarmNet.Grpc;

namespace SwarmNet.Protocol;

/// <summary>The methods of SwarmKit's port 2377 that this project speaks, with the roles that may call each.</summary>
public static class SwarmKitMethods
{
    private const string Package = "docker.swarmkit.v1.";

    /// <summary>A stock agent's own limit: whatever fits in an int. Assignments carry secrets and configs.</summary>
    private const int AgentMaxMessageBytes = int.MaxValue;

    private static readonly string[] s_anybody = [];
    private static readonly string[] s_nodes = [SwarmRoles.Worker, SwarmRoles.Manager];
    private static readonly string[] s_managers = [SwarmRoles.Manager];

    /// <summary>The root certificate, byte for byte what the join token's digest covers.</summary>
    public static Method<GetRootCACertificateRequest, GetRootCACertificateResponse> GetRootCACertificate { get; } =
        Unary("CA", "GetRootCACertificate", s_anybody, GetRootCACertificateRequest.Parser, GetRootCACertificateResponse.Parser);

    /// <summary>The key that unlocks managers.</summary>
    public static Method<GetUnlockKeyRequest, GetUnlockKeyResponse> GetUnlockKey { get; } =
        Unary("CA", "GetUnlockKey", s_managers, GetUnlockKeyRequest.Parser, GetUnlockKeyResponse.Parser);

    /// <summary>Joins (with a token) or renews (with a valid certificate).</summary>
    public static Method<IssueNodeCertificateRequest, IssueNodeCertificateResponse> IssueNodeCertificate { get; } =
        Unary("NodeCA", "IssueNodeCertificate", s_anybody, IssueNodeCertificateRequest.Parser, IssueNodeCertificateResponse.Parser);

    /// <summary>The certificate of a node; waits until it is issued.</summary>
    public static Method<NodeCertificateStatusRequest, NodeCertificateStatusResponse> NodeCertificateStatus { get; } =
        Unary("NodeCA", "NodeCertificateStatus", s_anybody, NodeCertificateStatusRequest.Parser, NodeCertificateStatusResponse.Parser);

    /// <summary>Registers a node and tells it of managers, keys and root.</summary>
    public static Method<SessionRequest, SessionMessage> Session { get; } =
        ServerStreaming("Dispatcher", "Session", SessionRequest.Parser, SessionMessage.Parser);

    /// <summary>Says that the node lives.</summary>
    public static Method<HeartbeatRequest, HeartbeatResponse> Heartbeat { get; } =
        Unary("Dispatcher", "Heartbeat", s_nodes, HeartbeatRequest.Parser, HeartbeatResponse.Parser);

    /// <summary>Reports tasks.</summary>
    public static Method<UpdateTaskStatusRequest, UpdateTaskStatusResponse> UpdateTaskStatus { get; } =
        Unary("Dispatcher", "UpdateTaskStatus", s_nodes, UpdateTaskStatusRequest.Parser, UpdateTaskStatusResponse.Parser);

    /// <summary>What the node shall run, with the secrets and configs for it.</summary>
    public static Method<AssignmentsRequest, AssignmentsMessage> Assignments { get; } =
        ServerStreaming("Dispatcher", "Assignments", AssignmentsRequest.Parser, AssignmentsMessage.Parser);

    /// <summary>Asks for an address on an attachable network for a container of the node.</summary>
    public static Method<AttachNetworkRequest, AttachNetworkResponse> AttachNetwork { get; } =
        Unary("ResourceAllocator", "AttachNetwork", s_nodes, AttachNetworkRequest.Parser, AttachNetworkResponse.Parser);

    /// <summary>Gives it back.</summary>
    public static Method<DetachNetworkRequest, DetachNetworkResponse> DetachNetwork { get; } =
        Unary("ResourceAllocator", "DetachNetwork", s_nodes, DetachNetworkRequest.Parser, DetachNetworkResponse.Parser);

    /// <summary>Log subscriptions for the node's tasks.</summary>
    public static Method<ListenSubscriptionsRequest, SubscriptionMessage> ListenSubscriptions { get; } =
        ServerStreaming("LogBroker", "ListenSubscriptions", ListenSubscriptionsRequest.Parser, SubscriptionMessage.Parser);

    /// <summary>The lines for one subscription.</summary>
    public static Method<PublishLogsMessage, PublishLogsResponse> PublishLogs { get; } =
        new(Package + "LogBroker", "PublishLogs", MethodKind.ClientStreaming, PublishLogsMessage.Parser, PublishLogsResponse.Parser) { Roles = s_nodes };

    /// <summary>Whether a service of this manager works.</summary>
    public static Method<HealthCheckRequest, HealthCheckResponse> HealthCheck { get; } =
        Unary("Health", "Check", s_managers, HealthCheckRequest.Parser, HealthCheckResponse.Parser);

    /// <summary>A node with a manager certificate asks to become a Raft member.</summary>
    public static Method<RaftJoinRequest, RaftJoinResponse> RaftJoin { get; } =
        Unary("RaftMembership", "Join", s_managers, RaftJoinRequest.Parser, RaftJoinResponse.Parser);

    private static Method<TRequest, TResponse> Unary<TRequest, TResponse>(
        string service, string name, string[] roles, MessageParser<TRequest> request, MessageParser<TResponse> response)
        where TRequest : IMessage<TRequest>
        where TResponse : IMessage<TResponse>
        => new(Package + service, name, MethodKind.Unary, request, response) { Roles = roles };

    private static Method<TRequest, TResponse> ServerStreaming<TRequest, TResponse>(
        string service, string name, MessageParser<TRequest> request, MessageParser<TResponse> response)
        where TRequest : IMessage<TRequest>
        where TResponse : IMessage<TResponse>
        => new(Package + service, name, MethodKind.ServerStreaming, request, response) { Roles = s_nodes, MaxResponseBytes = AgentMaxMessageBytes };
}
