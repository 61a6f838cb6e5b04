using System.Buffers.Binary;
using System.Net;

namespace SwarmNet.Overlay.Encryption;

/// <summary>The security parameter index of a state, which both ends compute rather than negotiate (libnetwork <c>buildSPI</c>).</summary>
internal static class TunnelSpi
{
    private const uint FnvOffset = 0x811c9dc5;
    private const uint FnvPrime = 0x01000193;

    /// <summary>FNV-1a (32 bits) over source (16 bytes, IPv4 mapped into IPv6), tag (big endian), destination (16 bytes).</summary>
    public static uint Of(IPAddress source, IPAddress destination, uint tag)
    {
        Span<byte> text = stackalloc byte[16 + 4 + 16];
        source.MapToIPv6().TryWriteBytes(text, out _);
        BinaryPrimitives.WriteUInt32BigEndian(text[16..], tag);
        destination.MapToIPv6().TryWriteBytes(text[20..], out _);
        uint hash = FnvOffset;
        foreach (byte value in text)
        {
            hash = (hash ^ value) * FnvPrime;
        }

        return hash;
    }
}
