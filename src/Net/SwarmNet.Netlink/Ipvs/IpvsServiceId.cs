using SwarmNet.Linux;

namespace SwarmNet.Netlink.Ipvs;

/// <summary>What packets a service takes: those to an address, protocol and port, or those with a firewall mark.</summary>
public readonly record struct IpvsServiceId
{
    private IpvsServiceId(byte protocol, IpvsAddress address, ushort port, uint mark)
    {
        Protocol = protocol;
        Address = address;
        Port = port;
        FirewallMark = mark;
    }

    /// <summary>IP protocol number: 6 TCP, 17 UDP, 132 SCTP; 0 when by mark.</summary>
    public byte Protocol { get; }

    /// <summary>The virtual address; when by mark 0.0.0.0 or ::, which tells the family of the packets.</summary>
    public IpvsAddress Address { get; }

    /// <summary>The port; 0 = every port, for persistent services only. 0 when by mark.</summary>
    public ushort Port { get; }

    /// <summary>The mark, 0 when by address.</summary>
    public uint FirewallMark { get; }

    /// <summary>By address, protocol and port.</summary>
    /// <param name="protocol">IP protocol number: TCP, UDP or SCTP, others the kernel refuses.</param>
    /// <param name="address">The virtual address.</param>
    /// <param name="port">The port; 0 = every port.</param>
    public static IpvsServiceId ByAddress(byte protocol, IpvsAddress address, ushort port) => new(protocol, address, port, 0);

    /// <summary>A TCP port of an address.</summary>
    public static IpvsServiceId Tcp(IpvsAddress address, ushort port) => ByAddress(Libc.IPPROTO_TCP, address, port);

    /// <summary>A UDP port of an address.</summary>
    public static IpvsServiceId Udp(IpvsAddress address, ushort port) => ByAddress(Libc.IPPROTO_UDP, address, port);

    /// <summary>All packets of one family with that mark, whatever their address, protocol and port.</summary>
    /// <param name="mark">The mark, not 0.</param>
    /// <param name="ipv6">IPv6 packets rather than IPv4 ones.</param>
    public static IpvsServiceId ByMark(uint mark, bool ipv6 = false)
    {
        ArgumentOutOfRangeException.ThrowIfZero(mark);
        return new IpvsServiceId(0, ipv6 ? IpvsAddress.IPv6Any : default, 0, mark);
    }

    /// <summary>For example <c>tcp 10.0.0.1:80</c>, <c>tcp [fd00::1]:80</c> or <c>mark 7</c>.</summary>
    public override string ToString() => FirewallMark != 0
        ? $"mark {FirewallMark}{(Address.IsIPv6 ? " (IPv6)" : "")}"
        : $"{Protocol switch { Libc.IPPROTO_TCP => "tcp", Libc.IPPROTO_UDP => "udp", var other => $"protocol {other}" }} {(Address.IsIPv6 ? $"[{Address}]" : Address.ToString())}:{Port}";
}
