using SwarmNet.Manager.Control;
using SwarmNet.Manager.Store;

namespace SwarmNet.Manager;

/// <summary>One manager of a swarm: store on Raft, leader services, and what the Engine API and the gRPC services need of them.</summary>
public sealed partial class SwarmManager
{
    private SwarmManager(ClusterStore store, ControlApi control, string clusterId, string nodeId)
    {
        Store = store;
        Control = control;
        ClusterId = clusterId;
        NodeId = nodeId;
    }

    /// <summary>The replicated store.</summary>
    public ClusterStore Store { get; }

    /// <summary>Validated writes.</summary>
    public ControlApi Control { get; }

    /// <summary>Id of the cluster object: the O of every certificate.</summary>
    public string ClusterId { get; }

    /// <summary>Id of this manager's own node.</summary>
    public string NodeId { get; }
}
