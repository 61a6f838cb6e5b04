using System.Buffers.Binary;

namespace SwarmNet.EngineApi.Logs;

/// <summary>
/// Docker's multiplexed stream (moby <c>pkg/stdcopy</c>): each chunk has a header of 8 bytes, then its payload.
/// <code>
///  0        1   2   3   4 .. 7
/// +--------+---+---+---+-----------------------+
/// | stream | 0 | 0 | 0 | length, big-endian    |
/// +--------+---+---+---+-----------------------+
/// </code>
/// </summary>
internal static class LogFrame
{
    /// <summary>Bytes before each payload.</summary>
    public const int HeaderBytes = 8;

    /// <summary>Payload is the program's standard output.</summary>
    public const byte Stdout = 1;

    /// <summary>Payload is the program's standard error.</summary>
    public const byte Stderr = 2;

    /// <summary>Payload is an error of the engine.</summary>
    public const byte SystemError = 3;

    /// <summary>Writes the header of a chunk of <paramref name="lengthBytes"/> bytes.</summary>
    public static void WriteHeader(Span<byte> header, byte stream, int lengthBytes)
    {
        header[..4].Clear();
        header[0] = stream;
        BinaryPrimitives.WriteUInt32BigEndian(header[4..], (uint)lengthBytes);
    }
}
