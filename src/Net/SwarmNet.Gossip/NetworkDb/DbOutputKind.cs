namespace SwarmNet.Gossip.NetworkDb;

/// <summary>What the tables want done.</summary>
internal enum DbOutputKind
{
    /// <summary>Send Message as a user message over UDP.</summary>
    Packet,

    /// <summary>Send Message as a user message over TCP.</summary>
    Stream,

    /// <summary>Exchange state with Target over TCP, as a join.</summary>
    Rejoin,
}
