namespace SwarmNet.Raft;

/// <summary>What a <see cref="NodeInput"/> asks for.</summary>
internal enum NodeInputKind : byte
{
    /// <summary>Nothing: look at the clock, and at what the disk has finished.</summary>
    WakeUp,

    Message,
    Proposal,
    Read,
    MembershipChange,
    Transfer,
    Progress,
    PeerUnreachable,
    Snapshot,
    DataKey,
    OlderKeys,
    DropOlderKeys,
}
