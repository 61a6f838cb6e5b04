namespace SwarmNet.Manager.Raft;

/// <summary>A member of the managers' Raft cluster.</summary>
/// <param name="RaftId">Its id there.</param>
/// <param name="NodeId">Its node, which its certificate must name.</param>
/// <param name="Addr">Where it answers, <c>host:port</c>.</param>
internal sealed record RaftPeer(ulong RaftId, string NodeId, string Addr);
