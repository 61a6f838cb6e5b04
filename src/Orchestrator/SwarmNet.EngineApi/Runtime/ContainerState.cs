namespace SwarmNet.EngineApi.Runtime;

/// <summary>Where a container is in its life.</summary>
public enum ContainerState
{
    /// <summary>Made, not started.</summary>
    Created,

    /// <summary>Its first process runs.</summary>
    Running,

    /// <summary>Its first process has ended.</summary>
    Exited,
}
