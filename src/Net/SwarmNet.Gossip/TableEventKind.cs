namespace SwarmNet.Gossip;

/// <summary>What happened to an entry of another node.</summary>
public enum TableEventKind
{
    /// <summary>It appeared, or its node came back.</summary>
    Create,

    /// <summary>It has a new value.</summary>
    Update,

    /// <summary>It is gone, or its node failed.</summary>
    Delete,

    /// <summary>The reader was too slow and events were dropped: read all entries again.</summary>
    Resync,
}
