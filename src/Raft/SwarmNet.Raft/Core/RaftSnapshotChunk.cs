using System.Buffers;

namespace SwarmNet.Raft;

/// <summary>A piece of a snapshot on its way (Raft paper, figure 13). Pieces come in order and without gaps.</summary>
/// <param name="Index">The last entry that the snapshot includes.</param>
/// <param name="Term">The term of that entry.</param>
/// <param name="Membership">Who voted and listened as of that entry.</param>
/// <param name="Offset">Where in the snapshot the piece begins, in bytes; 0 = a snapshot starts: pieces of an earlier one are void.</param>
/// <param name="Data">The piece.</param>
/// <param name="IsLast">Whether the snapshot ends with it.</param>
public sealed record RaftSnapshotChunk(
    ulong Index, ulong Term, RaftMembership Membership, ulong Offset, ReadOnlySequence<byte> Data, bool IsLast);
