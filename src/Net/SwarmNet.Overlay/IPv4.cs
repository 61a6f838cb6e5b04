using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Overlay;

/// <summary>IPv4 addresses as numbers (host order, so that they can be counted and compared).</summary>
internal static class IPv4
{
    public static uint ToUInt32(this IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (address.AddressFamily != AddressFamily.InterNetwork || !address.TryWriteBytes(bytes, out _))
        {
            throw new ArgumentException($"{address} is not an IPv4 address.", nameof(address));
        }

        return BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    public static IPAddress ToIPAddress(this uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return new IPAddress(bytes);
    }

    /// <summary>02:42 and the four bytes of the address: unique where the address is, so no ARP traffic is needed to learn it.</summary>
    public static MacAddress ToMac(this IPAddress address)
    {
        uint value = address.ToUInt32();
        return new MacAddress(0x02, 0x42, (byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value);
    }
}
