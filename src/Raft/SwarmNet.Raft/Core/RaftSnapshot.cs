using System.Buffers;

namespace SwarmNet.Raft;

/// <summary>The state machine's whole state as of an entry, and the membership at that point.</summary>
/// <param name="Index">The last entry that <paramref name="Data"/> includes.</param>
/// <param name="Term">The term of that entry.</param>
/// <param name="Membership">Who voted and listened as of that entry.</param>
/// <param name="Data">What <see cref="IStateMachine.CaptureSnapshot"/> wrote.</param>
public sealed record RaftSnapshot(ulong Index, ulong Term, RaftMembership Membership, ReadOnlySequence<byte> Data);
