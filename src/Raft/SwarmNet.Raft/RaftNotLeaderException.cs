namespace SwarmNet.Raft;

/// <summary>A proposal came to a node that is not the leader: nothing was appended; propose at the leader.</summary>
public sealed class RaftNotLeaderException : RaftException
{
    /// <summary>Creates it; <paramref name="leaderId"/> 0 = no leader is known.</summary>
    public RaftNotLeaderException(ulong nodeId, ulong leaderId)
        : base(leaderId == 0
            ? $"Raft node {nodeId:x} is not the leader, and no leader is known at the moment; retry."
            : $"Raft node {nodeId:x} is not the leader; propose at node {leaderId:x}.") => LeaderId = leaderId;

    /// <summary>The leader's id; 0 = unknown.</summary>
    public ulong LeaderId { get; }
}
