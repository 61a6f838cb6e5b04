using System.Buffers;

namespace SwarmNet.Raft;

/// <summary>
/// What the log drives. All members are called on the node's single apply loop, in log order, never concurrently, and the node waits for them.
/// A throw from any member is a broken invariant: the node stops.
/// </summary>
public interface IStateMachine
{
    /// <summary>Applies the committed command at <paramref name="index"/>. The bytes are valid until the call returns.</summary>
    void Apply(ulong index, ReadOnlySpan<byte> command);

    /// <summary>
    /// Takes hold of the whole state as of the last applied entry. What it returns writes that state, once, on another thread, while commands go on
    /// being applied: hold what is immutable, or a copy.
    /// </summary>
    Action<IBufferWriter<byte>> CaptureSnapshot();

    /// <summary>Replaces the whole state by a snapshot taken at <paramref name="index"/>.</summary>
    void RestoreSnapshot(ulong index, ReadOnlySequence<byte> snapshot);
}
