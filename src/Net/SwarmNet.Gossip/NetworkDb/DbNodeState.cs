namespace SwarmNet.Gossip.NetworkDb;

/// <summary>A node as the tables see it.</summary>
internal enum DbNodeState
{
    Active,

    /// <summary>Its entries are hidden; they show again when it returns in time.</summary>
    Failed,

    /// <summary>
    /// A new process at its address takes up what it had (<see cref="GossipOptions.IsResuming"/>): its entries stay until that one has made its own, or for half a minute.
    /// </summary>
    Succeeded,

    /// <summary>Its entries are dropped.</summary>
    Left,
}
