using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace SwarmNet.Netlink.Route;

/// <summary>A 48-bit Ethernet address as a value.</summary>
public readonly record struct MacAddress
{
    /// <summary>Number of bytes.</summary>
    public const int Length = 6;

    private readonly ulong _value;

    private MacAddress(ulong value) => _value = value;

    /// <summary>From six bytes in transmission order.</summary>
    public MacAddress(byte b0, byte b1, byte b2, byte b3, byte b4, byte b5) =>
        _value = ((ulong)b0 << 40) | ((ulong)b1 << 32) | ((ulong)b2 << 24) | ((ulong)b3 << 16) | ((ulong)b4 << 8) | b5;

    /// <summary>True when the group bit is set (multicast and broadcast).</summary>
    public bool IsMulticast => ((_value >> 40) & 1) != 0;

    /// <summary>Reads six bytes; false when there are fewer or more.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out MacAddress address)
    {
        address = bytes.Length == Length ? new MacAddress(bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5]) : default;
        return bytes.Length == Length;
    }

    /// <summary>Parses <c>02:42:0a:00:00:05</c>; throws <see cref="FormatException"/> for anything else.</summary>
    public static MacAddress Parse(string text) =>
        TryParse(text, out MacAddress address) ? address : throw new FormatException($"'{text}' is not a MAC address like 02:42:0a:00:00:05.");

    /// <summary>Parses <c>02:42:0a:00:00:05</c>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out MacAddress address)
    {
        address = default;
        if (text is null || text.Length != 17)
        {
            return false;
        }

        ulong value = 0;
        for (int i = 0; i < Length; i++)
        {
            if ((i > 0 && text[(i * 3) - 1] != ':')
                || !byte.TryParse(text.AsSpan(i * 3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte b))
            {
                return false;
            }

            value = (value << 8) | b;
        }

        address = new MacAddress(value);
        return true;
    }

    /// <summary>Writes six bytes to the start of <paramref name="destination"/>.</summary>
    public void WriteTo(Span<byte> destination)
    {
        for (int i = 0; i < Length; i++)
        {
            destination[i] = (byte)(_value >> (40 - (8 * i)));
        }
    }

    /// <summary>As <c>ip link</c> prints it: lower case, colons.</summary>
    public override string ToString()
    {
        Span<byte> b = stackalloc byte[Length];
        WriteTo(b);
        return $"{b[0]:x2}:{b[1]:x2}:{b[2]:x2}:{b[3]:x2}:{b[4]:x2}:{b[5]:x2}";
    }
}
