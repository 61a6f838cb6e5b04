namespace SwarmNet.EngineApi.Swarm;

/// <summary>Docker's sentences about a node's place in a swarm (moby <c>daemon/cluster/errors.go</c>); scripts match on them.</summary>
public static class SwarmTexts
{
    /// <summary>No swarm to leave or unlock.</summary>
    public const string NotInSwarm = "This node is not part of a swarm";

    /// <summary>Init or join on a member.</summary>
    public const string AlreadyInSwarm =
        "This node is already part of a swarm. Use \"docker swarm leave\" to leave this swarm and join another one.";

    /// <summary>A join that outlived its request.</summary>
    public const string JoinTimeout =
        "Timeout was reached before node joined. The attempt to join the swarm will continue in the background. "
        + "Use the \"docker info\" command to see the current swarm status of your node.";

    /// <summary>The manager's state is encrypted and the key is not known.</summary>
    public const string Locked =
        "Swarm is encrypted and needs to be unlocked before it can be used. Please use \"docker swarm unlock\" to unlock it.";

    /// <summary>A manager's route on a worker.</summary>
    public const string Worker =
        "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. "
        + "Please run this command on a manager node or promote the current node to a manager.";

    /// <summary>A manager's route outside a swarm.</summary>
    public const string NoSwarm =
        "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.";

    /// <summary>A manager's route while the manager starts.</summary>
    public const string Starting =
        "This node is not a swarm manager. Manager is being prepared or has trouble connecting to the cluster.";

    /// <summary>Unlock of an open swarm (409).</summary>
    public const string NotLocked = "swarm is not locked";

    /// <summary>A text that is no unlock key (400).</summary>
    public const string NoUnlockKey = "invalid key string";

    /// <summary>An unlock key of another swarm, or an old one (401).</summary>
    public const string WrongUnlockKey = "swarm could not be unlocked: invalid key provided";

    /// <summary>Every request for the swarm's state while no manager leads, and the error of <c>info</c>; a gRPC error of code Unknown.</summary>
    public const string NoLeader =
        "The swarm does not have a leader. It's possible that too few managers are online. Make sure more than half of the managers are online.";

    /// <summary>The warning of <c>info</c> about a swarm with two managers.</summary>
    public const string TwoManagers =
        "WARNING: Running Swarm in a two-manager configuration. This configuration provides\n"
        + "         no fault tolerance, and poses a high risk to lose control over the cluster.\n"
        + "         Refer to https://docs.docker.com/engine/swarm/admin_guide/ to configure the\n"
        + "         Swarm for fault-tolerance.";
}
