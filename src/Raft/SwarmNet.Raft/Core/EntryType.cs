namespace SwarmNet.Raft;

/// <summary>What a log entry carries. Values are on disk and on the wire; never renumber.</summary>
public enum EntryType : byte
{
    /// <summary>A command for the state machine.</summary>
    Command = 1,

    /// <summary>Nothing: a new leader's first entry, which lets it commit its predecessors' (Raft paper §5.4.2, §8).</summary>
    Noop = 2,

    /// <summary>A <see cref="RaftMembership"/>, in force from the moment it is in the log (Raft paper §6). Nothing for the state machine.</summary>
    Membership = 3,
}
