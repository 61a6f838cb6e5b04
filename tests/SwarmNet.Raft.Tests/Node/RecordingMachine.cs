using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace SwarmNet.Raft.Tests;

/// <summary>Keeps every command with its index.</summary>
internal sealed class RecordingMachine : IStateMachine
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<ulong, string> _applied = [];

    public int Restores { get; private set; }

    public Action<ulong>? OnApply { get; init; }

    /// <summary>Called on the thread that writes a snapshot.</summary>
    public Action? OnWriteSnapshot { get; init; }

    public IReadOnlyDictionary<ulong, string> Applied
    {
        get
        {
            lock (_lock)
            {
                return new SortedDictionary<ulong, string>(_applied);
            }
        }
    }

    public void Apply(ulong index, ReadOnlySpan<byte> command)
    {
        OnApply?.Invoke(index);
        lock (_lock)
        {
            _applied.Add(index, Encoding.UTF8.GetString(command));
        }
    }

    public Action<IBufferWriter<byte>> CaptureSnapshot()
    {
        lock (_lock)
        {
            KeyValuePair<ulong, string>[] applied = [.. _applied];
            return writer =>
            {
                OnWriteSnapshot?.Invoke();
                Write(applied, writer);
            };
        }
    }

    public void RestoreSnapshot(ulong index, ReadOnlySequence<byte> snapshot)
    {
        lock (_lock)
        {
            Restores++;
            _applied.Clear();
            ReadOnlySpan<byte> rest = snapshot.ToArray();
            while (rest.Length > 0)
            {
                int length = BinaryPrimitives.ReadInt32LittleEndian(rest[8..]);
                _applied.Add(BinaryPrimitives.ReadUInt64LittleEndian(rest), Encoding.UTF8.GetString(rest.Slice(12, length)));
                rest = rest[(12 + length)..];
            }
        }
    }

    private static void Write(KeyValuePair<ulong, string>[] applied, IBufferWriter<byte> writer)
    {
        Span<byte> head = stackalloc byte[12];
        foreach ((ulong index, string command) in applied)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(command);
            BinaryPrimitives.WriteUInt64LittleEndian(head, index);
            BinaryPrimitives.WriteInt32LittleEndian(head[8..], bytes.Length);
            writer.Write(head);
            writer.Write(bytes);
        }
    }
}
