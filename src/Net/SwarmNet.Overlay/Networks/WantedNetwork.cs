using System.Net;

namespace SwarmNet.Overlay.Networks;

/// <summary>What the kernel is to have of a network; plain values.</summary>
internal sealed record WantedNetwork(OverlayNetworkOptions Options)
{
    /// <summary>Names of the ports of this host's endpoints, by which their subnets' bridges know them.</summary>
    public IReadOnlyDictionary<string, OverlaySubnet> Ports { get; init; } = new Dictionary<string, OverlaySubnet>();

    /// <summary>Forwarding tables by number of the subnet; empty = nobody has said yet what they should be.</summary>
    public IReadOnlyDictionary<int, ForwardingState> Forwarding { get; init; } = new Dictionary<int, ForwardingState>();

    /// <summary>Kernel settings of the network's namespace; what the kernel does not have is left out.</summary>
    public IEnumerable<(string Name, string Value)> Sysctls()
    {
        // Bridged frames must not pass the IP hooks: rules for routed packets would translate them.
        yield return ("net.bridge.bridge-nf-call-iptables", "0");
        yield return ("net.bridge.bridge-nf-call-ip6tables", "0");
        yield return ("net.bridge.bridge-nf-call-arptables", "0");
        // With one subnet nothing is routed here, and no endpoint can use the bridge as a way out.
        yield return ("net.ipv4.ip_forward", Options.MoreSubnets.Count > 0 ? "1" : "0");
        yield return ("net.ipv6.conf.default.disable_ipv6", "1");
        if (Options.IPv6Subnet is not null)
        {
            // The device answers neighbour solicitations only where IPv6 is on.
            yield return ("net/ipv6/conf/vxlan0/disable_ipv6", "0");
        }
    }
}
