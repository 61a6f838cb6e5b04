namespace SwarmNet.Raft;

/// <summary>A read that may be served: once <paramref name="Index"/> is applied, the state is at least as new as it was when the read was asked.</summary>
/// <param name="Id">What <see cref="RaftCore.TryReadIndex"/> gave out.</param>
/// <param name="Index">The entry that must be applied first.</param>
public readonly record struct RaftRead(ulong Id, ulong Index);
