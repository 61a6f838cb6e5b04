using SwarmNet.Linux;
using SwarmNet.Netlink;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Overlay.Networks;

/// <summary>Dumps a network's namespace, and applies changes to it.</summary>
internal sealed class NetworkKernel(OverlayNetworkOptions options, NetworkNamespace ns, Rtnetlink links)
{
    /// <summary>What the kernel has of what <paramref name="wanted"/> is about.</summary>
    public NetworkObservation Observe(WantedNetwork wanted)
    {
        Dictionary<string, LinkEntry> byName = links.GetLinks().ToDictionary(static link => link.Name);
        List<int> bridges = [.. options.Subnets.Select(subnet => byName.GetValueOrDefault(subnet.Bridge)?.Index ?? 0).Where(static index => index != 0)];
        List<LinkEntry> tunnels = [.. options.Subnets.Select(subnet => byName.GetValueOrDefault(subnet.Tunnel)).OfType<LinkEntry>()];
        return new NetworkObservation
        {
            Sysctls = wanted.Sysctls().ToDictionary(static sysctl => sysctl.Name, sysctl => ns.TryGetSysctl(sysctl.Name)),
            Links = byName,
            Addresses = [.. links.GetAddresses().Where(address => bridges.Contains(address.Link))],
            Forwarding = tunnels.ToDictionary(static tunnel => tunnel.Index, tunnel => ForwardingKernel.Load(links, tunnel.Index)),
            Strays = [.. links.GetFdb().Where(entry => entry.Master is not null && entry.State == NeighbourState.NoArp && !tunnels.Exists(tunnel => tunnel.Index == entry.Link))],
        };
    }

    /// <summary>Applies changes in their order; neighbours and forwarding entries in one batch.</summary>
    public void Apply(IReadOnlyList<NetworkChange> changes)
    {
        var batch = new RtnetlinkBatch();
        foreach (NetworkChange change in changes)
        {
            switch (change)
            {
                case NetworkChange.Sysctl sysctl:
                    HostSysctl.TrySet(ns, sysctl.Name, sysctl.Value);
                    break;
                case NetworkChange.DeleteLink link:
                    links.Execute(new RtnetlinkBatch().DeleteLink(link.Name, ignoreMissing: true));
                    break;
                case NetworkChange.AddBridge bridge:
                    AddBridge(bridge.Subnet);
                    break;
                case NetworkChange.AddTunnel tunnel:
                    AddTunnel(tunnel.Subnet);
                    break;
                case NetworkChange.Link link:
                    Append(batch, link);
                    break;
                case NetworkChange.BridgePort port:
                    batch.SetBridgePort(port.Index, port.Port);
                    break;
                case NetworkChange.Address { Add: true } address:
                    batch.EnsureAddress(address.Entry);
                    break;
                case NetworkChange.Address address:
                    batch.DeleteAddress(address.Entry, ignoreMissing: true);
                    break;
                case NetworkChange.Stray stray:
                    batch.DeleteFdb(stray.Entry with { Flags = NeighbourFlags.Master }, ignoreMissing: true);
                    break;
                case NetworkChange.Forwarding forwarding:
                    ForwardingKernel.Append(batch, forwarding.Tunnel, [forwarding.Entry]);
                    break;
            }
        }

        // ENODEV: a link that went in this moment is missing in the next observation.
        if (!links.TryExecute(batch) && batch.Failures.FirstOrDefault(static failure => failure.Errno != Errno.ENODEV) is { } failure)
        {
            throw failure;
        }
    }

    private static void Append(RtnetlinkBatch batch, NetworkChange.Link link)
    {
        if (link.Mtu is { } mtu)
        {
            batch.SetMtu(link.Index, mtu);
        }

        if (link.Mac is { } mac)
        {
            batch.SetAddress(link.Index, mac);
        }

        if (link.Group is { } group)
        {
            batch.SetGroup(link.Index, group);
        }

        if (link.Master is { } master)
        {
            batch.SetMaster(link.Index, master);
        }

        if (link.Up)
        {
            batch.SetUp(link.Index);
        }
    }

    private void AddBridge(OverlaySubnet subnet) => links.Execute(new RtnetlinkBatch().AddLink(new BridgeSpec
    {
        Name = subnet.Bridge,
        Mtu = options.Mtu,
        Address = subnet.Gateway.ToMac(),
        MulticastSnooping = false,
        Up = true,
    }));

    /// <summary>The request is made in the host's namespace, so that is where the tunnel's UDP socket lives.</summary>
    private void AddTunnel(OverlaySubnet subnet)
    {
        using Rtnetlink host = Rtnetlink.Open(options.HostNamespace);
        try
        {
            host.Execute(new RtnetlinkBatch().AddLink(new VxlanSpec
            {
                Name = subnet.Tunnel,
                Namespace = ns,
                Vni = subnet.Vni,
                Port = options.Port,
                Local = options.LocalVtep,
                Mtu = options.Mtu,
                Learning = false,
                Proxy = true,
            }));
        }
        catch (NetlinkException e) when (e.Errno == Errno.EEXIST)
        {
            LinkEntry? holder = host.GetLinks().FirstOrDefault(link => link.Vxlan is { } vxlan && vxlan.Vni == subnet.Vni && vxlan.Port == options.Port);
            string who = holder is null ? "a tunnel in another namespace" : $"the link {holder.Name}";
            throw new OverlayException(
                $"The VNI {subnet.Vni} of network {options.Id} is already in use on UDP port {options.Port} of this host by {who}: remove that, or give the network another VNI.", e);
        }
    }
}
