namespace SwarmNet.Gossip.NetworkDb;

/// <summary>A node as the tables see it.</summary>
internal enum DbNodeState
{
    Active,

    /// <summary>Its entries are hidden; they show again when it returns in time.</summary>
    Failed,

    /// <summary>Its entries are dropped.</summary>
    Left,
}
