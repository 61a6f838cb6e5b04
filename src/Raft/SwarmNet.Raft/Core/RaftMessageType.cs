namespace SwarmNet.Raft;

/// <summary>Kinds of messages between nodes. Values are on the wire; never renumber.</summary>
public enum RaftMessageType : byte
{
    /// <summary>RequestVote RPC (Raft paper, figure 2). LogIndex and LogTerm are those of the candidate's last entry.</summary>
    RequestVote = 1,

    /// <summary>Answer to <see cref="RequestVote"/>.</summary>
    RequestVoteResponse = 2,

    /// <summary>AppendEntries RPC. LogIndex and LogTerm are those of the entry before the first one sent.</summary>
    AppendEntries = 3,

    /// <summary>
    /// Answer to <see cref="AppendEntries"/> and <see cref="InstallSnapshot"/>. LogIndex is the highest index that matches the leader's log;
    /// on a reject it repeats the request's, and HintIndex and HintTerm say where the logs may agree.
    /// </summary>
    AppendEntriesResponse = 4,

    /// <summary>AppendEntries without entries or consistency check; Commit never exceeds what the receiver is known to have.</summary>
    Heartbeat = 5,

    /// <summary>Answer to <see cref="Heartbeat"/>.</summary>
    HeartbeatResponse = 6,

    /// <summary>InstallSnapshot RPC (Raft paper §7), in one piece. LogIndex and LogTerm are the snapshot's.</summary>
    InstallSnapshot = 7,
}
