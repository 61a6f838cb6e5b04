using System.Net;

namespace SwarmNet.Overlay.Networks;

/// <summary>One subnet of a network: a bridge and a tunnel of its own.</summary>
/// <param name="Vni">VXLAN network identifier, 1 to 16,777,215; unique per host and UDP port.</param>
/// <param name="Subnet">Addresses.</param>
/// <param name="Gateway">Address of the bridge on every host, inside the subnet.</param>
public sealed record OverlaySubnet(uint Vni, IPv4Prefix Subnet, IPAddress Gateway)
{
    internal int Number { get; init; }

    internal string Bridge => $"br{Number}";

    internal string Tunnel => $"vxlan{Number}";
}
