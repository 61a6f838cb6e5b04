using System.Buffers;
using System.Buffers.Binary;

namespace SwarmNet.Perf.Raft;

/// <summary>Keys and values. A command is a u16 key length, key and value; a snapshot is commands, each behind its u32 length.</summary>
internal sealed class KeyValues : SwarmNet.Raft.IStateMachine
{
    private readonly Dictionary<string, byte[]> _values = [];

    public static byte[] Command(string key, ReadOnlySpan<byte> value)
    {
        byte[] command = new byte[2 + key.Length + value.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(command, (ushort)key.Length);
        System.Text.Encoding.ASCII.GetBytes(key, command.AsSpan(2));
        value.CopyTo(command.AsSpan(2 + key.Length));
        return command;
    }

    public void Apply(ulong index, ReadOnlySpan<byte> command)
    {
        int keyBytes = BinaryPrimitives.ReadUInt16LittleEndian(command);
        _values[System.Text.Encoding.ASCII.GetString(command.Slice(2, keyBytes))] = command[(2 + keyBytes)..].ToArray();
    }

    public Action<IBufferWriter<byte>> CaptureSnapshot()
    {
        KeyValuePair<string, byte[]>[] values = [.. _values];
        return writer =>
        {
            foreach ((string key, byte[] value) in values)
            {
                byte[] command = Command(key, value);
                BinaryPrimitives.WriteInt32LittleEndian(writer.GetSpan(4), command.Length);
                writer.Advance(4);
                writer.Write(command);
            }
        };
    }

    public void RestoreSnapshot(ulong index, ReadOnlySequence<byte> snapshot)
    {
        _values.Clear();
        for (ReadOnlySpan<byte> rest = snapshot.ToArray(); rest.Length > 0;)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(rest);
            Apply(index, rest.Slice(4, length));
            rest = rest[(4 + length)..];
        }
    }
}
