using System.Net;
using System.Net.Sockets;
using static SwarmNet.Netlink.Route.RouteConstants;

namespace SwarmNet.Netlink.Route;

/// <summary>IP addresses in attributes: 4 or 16 bytes in network order.</summary>
internal static class AddressEncoding
{
    internal static void PutAddress(this NetlinkWriter writer, ushort type, IPAddress address) =>
        address.TryWriteBytes(writer.PutSpan(type, address.AddressFamily == AddressFamily.InterNetwork ? 4 : 16), out _);

    internal static void PutAddress(this NetlinkWriter writer, ushort type, MacAddress address) =>
        address.WriteTo(writer.PutSpan(type, MacAddress.Length));

    internal static byte FamilyOf(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork ? AF_INET : AF_INET6;

    /// <summary>An address of 4 or 16 bytes; null for any other length.</summary>
    internal static IPAddress? ReadAddress(ReadOnlySpan<byte> bytes) => bytes.Length is 4 or 16 ? new IPAddress(bytes) : null;

    /// <summary>The network of an address and a prefix length; false when the family is unknown or the length too large.</summary>
    internal static bool TryMakeNetwork(byte family, ReadOnlySpan<byte> address, int prefixLength, out IPNetwork network)
    {
        network = default;
        int length = family switch { AF_INET => 4, AF_INET6 => 16, _ => 0 };
        if (length == 0 || prefixLength > length * 8 || (!address.IsEmpty && address.Length != length))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.CopyTo(bytes);
        for (int i = 0; i < length; i++)
        {
            // IPNetwork throws when bits behind the prefix are set.
            int bits = Math.Clamp(prefixLength - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xff00 >> bits);
        }

        network = new IPNetwork(new IPAddress(bytes[..length]), prefixLength);
        return true;
    }
}
