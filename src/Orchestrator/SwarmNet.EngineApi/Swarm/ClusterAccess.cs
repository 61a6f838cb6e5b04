using SwarmNet.EngineApi.Http;
using SwarmNet.Manager.Control;
using SwarmNet.Manager.Store;

namespace SwarmNet.EngineApi.Swarm;

/// <summary>The part of a manager that the routes need: reads of the store, validated writes.</summary>
/// <param name="Store">The replicated store.</param>
/// <param name="Control">Validated writes.</param>
/// <param name="NodeId">This node.</param>
internal sealed record ClusterAccess(ClusterStore Store, ControlApi Control, string NodeId)
{
    /// <summary>The store now.</summary>
    public StoreView View => Store.View;

    /// <summary>The manager of this node. Throws the 503 that tells why there is none.</summary>
    public static ClusterAccess Of(ISwarmNode node) => node.Manager is { } manager
        ? new ClusterAccess(manager.Store, manager.Control, manager.NodeId)
        : throw new ApiException(503, Refusal(node.Status));

    private static string Refusal(SwarmNodeStatus status) => status.State switch
    {
        LocalNodeState.Locked => SwarmTexts.Locked,
        LocalNodeState.Active => SwarmTexts.Worker,
        LocalNodeState.Pending => SwarmTexts.Starting,
        _ => SwarmTexts.NoSwarm,
    };
}
