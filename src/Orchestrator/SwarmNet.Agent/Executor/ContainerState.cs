namespace SwarmNet.Agent.Executor;

/// <summary>Where a container is in its life.</summary>
public enum ContainerState
{
    /// <summary>Made, never started.</summary>
    Created,

    /// <summary>Its first process runs.</summary>
    Running,

    /// <summary>Its first process has ended, or never began.</summary>
    Exited,
}
