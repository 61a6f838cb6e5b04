using System.Buffers;

namespace SwarmNet.Raft;

/// <summary>
/// What the log drives. All members are called on the node's single apply loop, in log order, never concurrently.
/// A throw from any member is a broken invariant: the node stops.
/// </summary>
public interface IStateMachine
{
    /// <summary>Applies the committed command at <paramref name="index"/>. The bytes are valid until the call returns.</summary>
    void Apply(ulong index, ReadOnlySpan<byte> command);

    /// <summary>Writes the whole state as of the last applied entry.</summary>
    void WriteSnapshot(IBufferWriter<byte> writer);

    /// <summary>Replaces the whole state by a snapshot taken at <paramref name="index"/>.</summary>
    void RestoreSnapshot(ulong index, ReadOnlySequence<byte> snapshot);
}
