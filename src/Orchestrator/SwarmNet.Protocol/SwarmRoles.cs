namespace SwarmNet.Protocol;

/// <summary>Role names: the organisational unit (OU) of a node's certificate and one of its DNS names.</summary>
public static class SwarmRoles
{
    /// <summary>OU of a worker.</summary>
    public const string Worker = "swarm-worker";

    /// <summary>OU of a manager; the DNS name that workers check on managers.</summary>
    public const string Manager = "swarm-manager";

    /// <summary>The extra DNS name of managers, checked by nodes that have no certificate yet; also the CN of the root.</summary>
    public const string CA = "swarm-ca";

    /// <summary>The OU of a role.</summary>
    public static string Name(NodeRole role) => role == NodeRole.Manager ? Manager : Worker;
}
