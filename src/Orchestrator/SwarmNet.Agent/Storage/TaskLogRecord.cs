using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace SwarmNet.Agent.Storage;

/// <summary>
/// One record of the task log. Little-endian:
/// <code>
/// | length u32 | crc32c u32 | kind u8 | id length u8 | id ... | body ... |
///                            '------- length bytes, covered by crc -----'
/// </code>
/// </summary>
internal readonly ref struct TaskLogRecord(TaskLogKind kind, string id, ReadOnlySpan<byte> body)
{
    public const int HeaderBytes = 8;
    public const int MaxBytes = 64 << 20;

    public TaskLogKind Kind { get; } = kind;

    public string Id { get; } = id;

    public ReadOnlySpan<byte> Body { get; } = body;

    /// <summary>Reads the record at the start of <paramref name="log"/>; false when it is torn or damaged.</summary>
    public static bool TryRead(ReadOnlySpan<byte> log, out TaskLogRecord record, out int bytes)
    {
        record = default;
        bytes = 0;
        if (log.Length < HeaderBytes)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(log);
        if (length is < 2 or > MaxBytes || length > log.Length - HeaderBytes)
        {
            return false;
        }

        var payload = log.Slice(HeaderBytes, (int)length);
        var idBytes = payload[1];
        if (BinaryPrimitives.ReadUInt32LittleEndian(log[4..]) != Crc32C(payload) || idBytes > payload.Length - 2)
        {
            return false;
        }

        record = new TaskLogRecord((TaskLogKind)payload[0], Encoding.UTF8.GetString(payload.Slice(2, idBytes)), payload[(2 + idBytes)..]);
        bytes = HeaderBytes + (int)length;
        return true;
    }

    /// <summary>The record's bytes.</summary>
    public byte[] ToArray()
    {
        var idBytes = Encoding.UTF8.GetByteCount(Id);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(idBytes, byte.MaxValue);
        var bytes = new byte[HeaderBytes + 2 + idBytes + Body.Length];
        var payload = bytes.AsSpan(HeaderBytes);
        payload[0] = (byte)Kind;
        payload[1] = (byte)idBytes;
        Encoding.UTF8.GetBytes(Id, payload[2..]);
        Body.CopyTo(payload[(2 + idBytes)..]);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), Crc32C(payload));
        return bytes;
    }

    private static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }
}
