using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Netlink.Ipvs;

/// <summary>An IPv4 or IPv6 address as a value, so that lists of thousands of services cost no object for each. The default is 0.0.0.0.</summary>
public readonly record struct IpvsAddress
{
    /// <summary>Bytes of <c>union nf_inet_addr</c>, whatever the family.</summary>
    internal const int Length = 16;

    private const int IPv4Length = 4;

    // The 16 bytes in network order; of an IPv4 address the first 4, the others are 0.
    private readonly UInt128 _bytes;

    private IpvsAddress(bool isIPv6, UInt128 bytes)
    {
        IsIPv6 = isIPv6;
        _bytes = bytes;
    }

    /// <summary>::, which also stands for "IPv6" where there is no address.</summary>
    public static IpvsAddress IPv6Any => new(true, 0);

    /// <summary>True for IPv6, false for IPv4.</summary>
    public bool IsIPv6 { get; }

    internal byte Family => IsIPv6 ? RouteConstants.AF_INET6 : RouteConstants.AF_INET;

    /// <summary>The IPv4 address whose number is <paramref name="value"/>: 0x0A000001 is 10.0.0.1.</summary>
    public static IpvsAddress FromIPv4(uint value) => new(false, (UInt128)value << 96);

    /// <summary>The value of an address. IPv4 addresses written as IPv6 stay IPv6.</summary>
    public static implicit operator IpvsAddress(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> bytes = stackalloc byte[Length];
        bytes.Clear();
        address.TryWriteBytes(bytes, out _);
        return new IpvsAddress(address.AddressFamily == AddressFamily.InterNetworkV6, BinaryPrimitives.ReadUInt128BigEndian(bytes));
    }

    /// <summary>The address as an object.</summary>
    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[Length];
        WriteTo(bytes);
        return new IPAddress(IsIPv6 ? bytes : bytes[..IPv4Length]);
    }

    /// <summary>The usual notation.</summary>
    public override string ToString() => ToIPAddress().ToString();

    internal void WriteTo(Span<byte> bytes) => BinaryPrimitives.WriteUInt128BigEndian(bytes, _bytes);

    /// <summary>False when the bytes are too few or the family is another one. What follows an IPv4 address is not looked at.</summary>
    internal static bool TryRead(ushort family, ReadOnlySpan<byte> bytes, out IpvsAddress address)
    {
        address = default;
        switch (family)
        {
            case RouteConstants.AF_INET when bytes.Length >= IPv4Length:
                address = FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(bytes));
                return true;
            case RouteConstants.AF_INET6 when bytes.Length >= Length:
                address = new IpvsAddress(true, BinaryPrimitives.ReadUInt128BigEndian(bytes));
                return true;
            default:
                return false;
        }
    }
}
