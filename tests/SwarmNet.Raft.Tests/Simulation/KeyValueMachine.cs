using System.Buffers.Binary;

namespace SwarmNet.Raft.Tests;

/// <summary>Registers by key; 0 until written.</summary>
internal sealed class KeyValueMachine
{
    private const int PairBytes = 8;
    private readonly SortedDictionary<int, int> _values = [];

    public ulong Applied { get; set; }

    /// <summary>The chain of the last entry applied.</summary>
    public ulong Chain { get; set; }

    public int this[int key] => _values.GetValueOrDefault(key);

    public static byte[] Command(int key, int value)
    {
        byte[] command = new byte[PairBytes];
        BinaryPrimitives.WriteInt32LittleEndian(command, key);
        BinaryPrimitives.WriteInt32LittleEndian(command.AsSpan(4), value);
        return command;
    }

    public void Apply(in LogEntry entry, ulong chain)
    {
        if (entry.Type == EntryType.Command)
        {
            _values[BinaryPrimitives.ReadInt32LittleEndian(entry.Data.Span)] = BinaryPrimitives.ReadInt32LittleEndian(entry.Data.Span[4..]);
        }

        Applied = entry.Index;
        Chain = chain;
    }

    public byte[] Save()
    {
        byte[] bytes = new byte[16 + (_values.Count * PairBytes)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Applied);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), Chain);
        int offset = 16;
        foreach ((int key, int value) in _values)
        {
            Command(key, value).CopyTo(bytes, offset);
            offset += PairBytes;
        }

        return bytes;
    }

    public void Restore(ReadOnlySpan<byte> bytes)
    {
        _values.Clear();
        Applied = Chain = 0;
        if (bytes.Length < 16)
        {
            return;
        }

        Applied = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        Chain = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
        for (bytes = bytes[16..]; bytes.Length >= PairBytes; bytes = bytes[PairBytes..])
        {
            _values[BinaryPrimitives.ReadInt32LittleEndian(bytes)] = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]);
        }
    }
}
