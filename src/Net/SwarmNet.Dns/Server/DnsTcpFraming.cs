using System.Buffers.Binary;

namespace SwarmNet.Dns;

/// <summary>Messages on a stream: two bytes of length, then the message (RFC 1035 §4.2.2).</summary>
internal static class DnsTcpFraming
{
    /// <summary>The next message; null at the end of the stream.</summary>
    internal static async Task<byte[]?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        byte[] prefix = new byte[2];
        if (await stream.ReadAtLeastAsync(prefix, 2, throwOnEndOfStream: false, cancellationToken) < 2)
        {
            return null;
        }

        byte[] message = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
        int read = await stream.ReadAtLeastAsync(message, message.Length, throwOnEndOfStream: false, cancellationToken);
        return read < message.Length ? null : message;
    }

    /// <summary>Writes prefix and message at once, so that they share a segment (RFC 7766 §8).</summary>
    internal static async Task WriteAsync(Stream stream, ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        byte[] framed = new byte[2 + message.Length];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)message.Length);
        message.CopyTo(framed.AsMemory(2));
        await stream.WriteAsync(framed, cancellationToken);
    }
}
