namespace SwarmNet.Linux;

/// <summary>What cgroup file systems a machine has mounted.</summary>
public enum CgroupMode
{
    /// <summary>None.</summary>
    None,

    /// <summary>One hierarchy for each v1 controller.</summary>
    V1,

    /// <summary>v1 controllers, and a cgroup2 hierarchy beside them.</summary>
    Hybrid,

    /// <summary>cgroup2 only.</summary>
    Unified,
}
