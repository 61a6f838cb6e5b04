namespace SwarmNet.Manager.Control;

/// <summary>What a service update does with the specification that it is given.</summary>
public enum RollbackMode
{
    /// <summary>Takes it.</summary>
    None,

    /// <summary>Ignores it and swaps the current specification with the previous one.</summary>
    Previous,
}
