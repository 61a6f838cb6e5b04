using System.Net;
using System.Net.Sockets;
using SwarmNet.Linux;

namespace SwarmNet.Overlay.Networks;

/// <summary>What an <see cref="OverlayNetwork"/> is.</summary>
public sealed record OverlayNetworkOptions
{
    /// <summary>Smallest MTU of an IPv4 link (RFC 791 §3.2); with <see cref="IPv6Subnet"/> it is 1280 (RFC 8200 §5).</summary>
    public const int MinimumMtu = 68;

    /// <summary>Smallest MTU of a network with IPv6.</summary>
    public const int MinimumMtu6 = 1280;

    /// <summary>Identity, for messages.</summary>
    public required string Id { get; init; }

    /// <summary>VXLAN network identifier, 1 to 16,777,215; unique per host and UDP port.</summary>
    public required uint Vni { get; init; }

    /// <summary>Addresses of the network.</summary>
    public required IPv4Prefix Subnet { get; init; }

    /// <summary>Address of the bridge on every host; inside <see cref="Subnet"/>.</summary>
    public required IPAddress Gateway { get; init; }

    /// <summary>Further IPv4 subnets. With any, the bridges' addresses route between them, each packet on the host that it comes from. Default none.</summary>
    public IReadOnlyList<OverlaySubnet> MoreSubnets { get; init; } = [];

    /// <summary>IPv6 addresses of the network (dual stack), on the same bridge and tunnel as <see cref="Subnet"/>; null (default) = IPv4 only.</summary>
    public IPNetwork? IPv6Subnet { get; init; }

    /// <summary>MTU of the endpoints in bytes: the underlay's less <see cref="Overhead"/>.</summary>
    public int Mtu { get; init; } = 1450;

    /// <summary>This host's tunnel end: source address of the tunnel packets, IPv4 or IPv6.</summary>
    public required IPAddress LocalVtep { get; init; }

    /// <summary>UDP port of the tunnel packets, the same on all hosts.</summary>
    public ushort Port { get; init; } = 4789;

    /// <summary>Where the network's own namespace is pinned; the folder must exist.</summary>
    public required string NamespacePath { get; init; }

    /// <summary>The host's namespace, which sends the tunnel packets; null = the one of this process.</summary>
    public NetworkNamespace? HostNamespace { get; init; }

    internal IReadOnlyList<OverlaySubnet> Subnets => [new OverlaySubnet(Vni, Subnet, Gateway), .. MoreSubnets.Select(static (subnet, i) => subnet with { Number = i + 1 })];

    /// <summary>Bytes that the tunnel adds to a packet: inner Ethernet 14, outer IPv4 20 or IPv6 40, UDP 8, VXLAN 8 (RFC 7348 §5).</summary>
    public static int Overhead(AddressFamily underlay) => underlay == AddressFamily.InterNetworkV6 ? 70 : 50;

    /// <exception cref="ArgumentException">A value is out of its range, or two contradict each other.</exception>
    internal void Check()
    {
        var vnis = new HashSet<uint>();
        var subnets = new List<IPv4Prefix>();
        foreach (OverlaySubnet subnet in Subnets)
        {
            if (subnet.Vni is 0 or > 0xffffff)
            {
                throw new ArgumentException($"The VNI {subnet.Vni} of network {Id} must be from 1 to 16777215.");
            }

            if (!vnis.Add(subnet.Vni))
            {
                throw new ArgumentException($"The VNI {subnet.Vni} of network {Id} is there twice: each subnet needs one of its own.");
            }

            if (!subnet.Subnet.Contains(subnet.Gateway))
            {
                throw new ArgumentException($"The gateway {subnet.Gateway} of network {Id} is outside its subnet {subnet.Subnet}.");
            }

            if (subnets.Find(other => other.Overlaps(subnet.Subnet)) is { Length: > 0 } overlap)
            {
                throw new ArgumentException($"The subnets {overlap} and {subnet.Subnet} of network {Id} overlap.");
            }

            subnets.Add(subnet.Subnet);
        }

        if (IPv6Subnet is { } v6 && v6.BaseAddress.AddressFamily != AddressFamily.InterNetworkV6)
        {
            throw new ArgumentException($"The IPv6 subnet {v6} of network {Id} is none: fd00:1::/64 would be one.");
        }

        int minimum = IPv6Subnet is null ? MinimumMtu : MinimumMtu6;
        if (Mtu < minimum || Mtu > ushort.MaxValue)
        {
            throw new ArgumentException($"The MTU {Mtu} of network {Id} must be from {minimum} to 65535: an underlay of MTU 1500 gives {1500 - Overhead(LocalVtep.AddressFamily)}.");
        }
    }
}
