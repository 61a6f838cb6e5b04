using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SwarmNet.Dns;

/// <summary>
/// Names of the reverse trees: <c>4.3.2.1.in-addr.arpa</c> (RFC 1035 §3.5) and 32 nibbles under <c>ip6.arpa</c> (RFC 3596 §2.5).
/// An address is a 128-bit number, IPv4 mapped as ::ffff:a.b.c.d.
/// </summary>
internal static class ReverseName
{
    private static readonly UInt128 _mapped = (UInt128)0xffff << 32;

    internal static UInt128 KeyOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int length);
        UInt128 key = 0;
        for (int i = 0; i < length; i++)
        {
            key = (key << 8) | bytes[i];
        }

        return address.AddressFamily == AddressFamily.InterNetwork ? _mapped | key : key;
    }

    internal static bool TryParse(ReadOnlySpan<char> name, out UInt128 address)
    {
        address = 0;
        if (name.EndsWith(".in-addr.arpa", StringComparison.OrdinalIgnoreCase))
        {
            return TryParse4(name[..^".in-addr.arpa".Length], out address);
        }

        return name.EndsWith(".ip6.arpa", StringComparison.OrdinalIgnoreCase) && TryParse6(name[..^".ip6.arpa".Length], out address);
    }

    private static bool TryParse4(ReadOnlySpan<char> labels, out UInt128 address)
    {
        uint value = 0;
        int count = 0;
        address = 0;
        foreach (Range range in labels.Split('.'))
        {
            if (count == 4 || !byte.TryParse(labels[range], NumberStyles.None, CultureInfo.InvariantCulture, out byte b))
            {
                return false;
            }

            value |= (uint)b << (8 * count++);
        }

        address = _mapped | value;
        return count == 4;
    }

    private static bool TryParse6(ReadOnlySpan<char> labels, out UInt128 address)
    {
        address = 0;
        if (labels.Length != 63)
        {
            return false;
        }

        for (int i = 0; i < 32; i++)
        {
            if (!char.IsAsciiHexDigit(labels[2 * i]) || (i < 31 && labels[(2 * i) + 1] != '.'))
            {
                return false;
            }

            int digit = char.IsAsciiDigit(labels[2 * i]) ? labels[2 * i] - '0' : (labels[2 * i] | 0x20) - 'a' + 10;
            address |= (UInt128)(uint)digit << (4 * i);
        }

        return true;
    }
}
