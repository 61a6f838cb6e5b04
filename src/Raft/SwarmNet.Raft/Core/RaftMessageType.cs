namespace SwarmNet.Raft;

/// <summary>Kinds of messages between nodes. Values are on the wire; never renumber.</summary>
public enum RaftMessageType : byte
{
    /// <summary>
    /// RequestVote RPC (Raft paper, figure 2). LogIndex and LogTerm are those of the candidate's last entry. With
    /// <see cref="RaftMessage.Transfer"/> the old leader wants it so: receivers that hear a leader vote nevertheless.
    /// </summary>
    RequestVote = 1,

    /// <summary>Answer to <see cref="RequestVote"/>.</summary>
    RequestVoteResponse = 2,

    /// <summary>AppendEntries RPC. LogIndex and LogTerm are those of the entry before the first one sent.</summary>
    AppendEntries = 3,

    /// <summary>
    /// Answer to <see cref="AppendEntries"/> and to the last piece of a snapshot. LogIndex is the highest index that matches the leader's log;
    /// on a reject it repeats the request's, and HintIndex and HintTerm say where the logs may agree.
    /// </summary>
    AppendEntriesResponse = 4,

    /// <summary>
    /// AppendEntries without entries or consistency check; Commit never exceeds what the receiver is known to have. Context numbers the
    /// leader's rounds of asking for reads.
    /// </summary>
    Heartbeat = 5,

    /// <summary>Answer to <see cref="Heartbeat"/>, with its Context.</summary>
    HeartbeatResponse = 6,

    /// <summary>InstallSnapshot RPC (Raft paper §7), one piece from Offset on. LogIndex and LogTerm are the snapshot's.</summary>
    InstallSnapshot = 7,

    /// <summary>Would you vote for me in the next term? Term is the present one; LogIndex and LogTerm as in <see cref="RequestVote"/> (thesis §9.6).</summary>
    PreVote = 8,

    /// <summary>Answer to <see cref="PreVote"/>. Context is the term of the question.</summary>
    PreVoteResponse = 9,

    /// <summary>The leader wants the receiver to campaign at once (thesis §3.10).</summary>
    TimeoutNow = 10,

    /// <summary>A follower asks for the index of a read (thesis §6.4). Context identifies the read.</summary>
    ReadIndex = 11,

    /// <summary>Answer to <see cref="ReadIndex"/>: LogIndex must be applied before the read.</summary>
    ReadIndexResponse = 12,

    /// <summary>Answer to a piece of a snapshot: of LogIndex the bytes up to Offset are there; go on from Offset.</summary>
    InstallSnapshotResponse = 13,
}
