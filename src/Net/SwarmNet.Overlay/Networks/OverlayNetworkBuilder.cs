using SwarmNet.Linux;
using SwarmNet.Netlink;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Overlay.Networks;

/// <summary>Makes the devices of an overlay network's namespace, or brings those that are there to what is wanted.</summary>
internal sealed class OverlayNetworkBuilder(OverlayNetworkOptions options, NetworkNamespace ns, Rtnetlink links)
{
    /// <summary>Returns the indexes of bridge and tunnel device.</summary>
    public (int Bridge, int Tunnel) Build(string bridgeName, string tunnelName)
    {
        ApplySysctls();
        int bridge = EnsureBridge(bridgeName);
        int tunnel = EnsureTunnel(tunnelName, bridge);
        return (bridge, tunnel);
    }

    private void ApplySysctls()
    {
        // Bridged frames must not pass the IP hooks: rules for routed packets would translate them.
        HostSysctl.TrySet(ns, "net.bridge.bridge-nf-call-iptables", "0");
        HostSysctl.TrySet(ns, "net.bridge.bridge-nf-call-ip6tables", "0");
        HostSysctl.TrySet(ns, "net.bridge.bridge-nf-call-arptables", "0");
        // One subnet: nothing is routed here, and no endpoint can use the bridge as a way out.
        HostSysctl.Set(ns, "net.ipv4.ip_forward", "0");
        HostSysctl.TrySet(ns, "net.ipv6.conf.default.disable_ipv6", "1");
    }

    private int EnsureBridge(string name)
    {
        LinkEntry? bridge = links.FindLink(name);
        var batch = new RtnetlinkBatch();
        if (bridge is null)
        {
            links.Execute(batch.AddLink(new BridgeSpec
            {
                Name = name,
                Mtu = options.Mtu,
                // Fixed, or the bridge would take its lowest port's address and change it as endpoints come and go.
                Address = options.Gateway.ToMac(),
                MulticastSnooping = false,
                Up = true,
            }));
            bridge = links.GetLink(name);
            batch.Clear();
        }

        foreach (AddressEntry address in links.GetAddresses(bridge.Index))
        {
            if (!address.Address.Equals(options.Gateway) || address.PrefixLength != options.Subnet.Length)
            {
                batch.DeleteAddress(address, ignoreMissing: true);
            }
        }

        links.Execute(batch
            .EnsureAddress(new AddressEntry { Link = bridge.Index, Address = options.Gateway, PrefixLength = options.Subnet.Length })
            .SetMtu(bridge.Index, options.Mtu)
            .SetUp(bridge.Index)
            .SetUp("lo"));
        return bridge.Index;
    }

    private int EnsureTunnel(string name, int bridge)
    {
        LinkEntry? tunnel = links.FindLink(name);
        if (tunnel is not null && !IsWanted(tunnel))
        {
            links.Execute(new RtnetlinkBatch().DeleteLink(name));
            tunnel = null;
        }

        if (tunnel is null)
        {
            CreateTunnel(name);
            tunnel = links.GetLink(name);
        }

        // Peers are entered, not learned; nor shall a frame with a wrong source address move one to another port.
        links.Execute(new RtnetlinkBatch()
            .SetMtu(tunnel.Index, options.Mtu)
            .SetMaster(tunnel.Index, bridge)
            .SetUp(tunnel.Index));
        links.Execute(new RtnetlinkBatch().SetBridgePort(tunnel.Index, new BridgePortSpec { Learning = false }));
        return tunnel.Index;
    }

    private bool IsWanted(LinkEntry tunnel) => tunnel.Vxlan is { } vxlan
        && vxlan.Vni == options.Vni && vxlan.Port == options.Port && options.LocalVtep.Equals(vxlan.Local) && !vxlan.Learning && vxlan.Proxy;

    /// <summary>The request is made in the host's namespace, so that is where the tunnel's UDP socket lives.</summary>
    private void CreateTunnel(string name)
    {
        using Rtnetlink host = Rtnetlink.Open(options.HostNamespace);
        try
        {
            host.Execute(new RtnetlinkBatch().AddLink(new VxlanSpec
            {
                Name = name,
                Namespace = ns,
                Vni = options.Vni,
                Port = options.Port,
                Local = options.LocalVtep,
                Mtu = options.Mtu,
                Learning = false,
                Proxy = true,
            }));
        }
        catch (NetlinkException e) when (e.Errno == Errno.EEXIST)
        {
            throw new OverlayException($"The VNI {options.Vni} of network {options.Id} is already in use on UDP port {options.Port} of this host.", e);
        }
    }
}
