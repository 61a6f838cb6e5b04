using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace SwarmNet.Manager.Allocator;

/// <summary>IPv4 and IPv6 addresses as numbers, so that they can be counted and compared.</summary>
internal static class AddressNumber
{
    public static UInt128 Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        return length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    public static IPAddress ToAddress(UInt128 number, AddressFamily family)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, number);
        return new IPAddress(family == AddressFamily.InterNetwork ? bytes[12..] : bytes);
    }

    public static bool IsIPv6(this IPNetwork subnet) => subnet.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>Length of an address, bits.</summary>
    public static int Bits(AddressFamily family) => family == AddressFamily.InterNetwork ? 32 : 128;

    /// <summary>First and last address of a subnet.</summary>
    public static (UInt128 First, UInt128 Last) Bounds(IPNetwork subnet)
    {
        var first = Of(subnet.BaseAddress);
        var hostBits = Bits(subnet.BaseAddress.AddressFamily) - subnet.PrefixLength;
        return (first, hostBits == 128 ? UInt128.MaxValue : first + ((UInt128.One << hostBits) - 1));
    }
}
