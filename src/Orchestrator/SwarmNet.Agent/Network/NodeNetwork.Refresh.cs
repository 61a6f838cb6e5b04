using System.Net;
using SwarmNet.Dns;
using SwarmNet.Overlay.Balancing;
using SwarmNet.Overlay.Networks;

namespace SwarmNet.Agent.Network;

// What the tables say becomes what the kernel does. By level: each pass looks at a whole network. Callers hold the gate.
public sealed partial class NodeNetwork
{
    private async Task RefreshAsync(string networkId, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Empty: events were lost, look at everything.
            foreach (var network in _networks.Values.Where(n => networkId.Length == 0 || n.Parameters.Id == networkId).ToList())
            {
                Refresh(network);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private void Refresh(OverlayState network)
    {
        var id = network.Parameters.Id;
        network.Names = NetworkNames.Of(EndpointsOf(network));
        var peers = PeersOf(network).ToList();
        if (network.Parameters.IsEncrypted)
        {
            foreach (var subnet in network.Parameters.Subnets)
            {
                Encryption().SetPeers(subnet.Vni, peers.Select(p => p.TunnelEnd));
            }
        }

        network.Overlay.SetPeers([.. peers.SelectMany(ToPeers)]);
        network.Zone = network.Names.ToZone(network.Parameters.Name);
        foreach (var sandbox in _sandboxes.Values)
        {
            if (sandbox.Endpoints.Any(e => e.NetworkId == id))
            {
                Update(sandbox);
            }
        }

        if (network.Parameters.IsIngress)
        {
            RefreshMesh();
        }

        _saving.Request(id);
    }

    /// <summary>What endpoints of all nodes serve.</summary>
    private IEnumerable<NetworkEndpoint> EndpointsOf(OverlayState network)
    {
        List<NetworkEndpoint> known = [.. network.Local.Values.Select(e => e.Announced).OfType<NetworkEndpoint>(), .. _tables?.Endpoints(network.Parameters.Id) ?? []];
        return network.Remembered?.With(known) ?? known;
    }

    /// <summary>Endpoints that are behind other nodes' tunnel ends.</summary>
    private IEnumerable<PeerEntry> PeersOf(OverlayState network)
    {
        var announced = _tables?.Peers(network.Parameters.Id) ?? [];
        var own = network.Local.Values.Select(e => e.Address).ToHashSet();
        // An address that is ours now may still be announced by the node that had it before.
        return (network.Remembered?.With(announced) ?? announced)
            .Where(p => !p.TunnelEnd.Equals(_options.TunnelAddress) && !own.Contains(p.Address) && network.Parameters.Subnets.Any(s => s.Subnet.Length == p.PrefixLength && s.Subnet.Contains(p.Address)));
    }

    /// <summary>One peer per address.</summary>
    private static IEnumerable<OverlayPeer> ToPeers(PeerEntry entry)
    {
        yield return new OverlayPeer(entry.Address, entry.Mac, entry.TunnelEnd) { Generation = entry.Version };
        if (entry.Address6 is { } address6)
        {
            yield return new OverlayPeer(address6.Address, entry.Mac, entry.TunnelEnd) { Generation = entry.Version };
        }
    }

    /// <summary>A sandbox's view: the services and names of all networks that it is on.</summary>
    private void Update(SandboxState sandbox)
    {
        if (sandbox.Balancer is null)
        {
            return;
        }

        var services = new Dictionary<IPAddress, VirtualService>();
        foreach (var endpoint in sandbox.Endpoints)
        {
            foreach (var (vip, service) in _networks[endpoint.NetworkId].Names.VirtualServices)
            {
                services.TryAdd(vip, service);
            }
        }

        sandbox.Balancer.SetServices([.. services.Values]);
        sandbox.Dns?.UpdateZone(ZoneOf(sandbox.Endpoints));
        if (sandbox.Endpoints.FirstOrDefault(e => _networks[e.NetworkId].Parameters.IsIngress) is { } ingress)
        {
            sandbox.ReturnPath?.SetEntries(EntryNodes(_networks[ingress.NetworkId]));
        }
    }

    /// <summary>Addresses that belong to nodes rather than tasks: those that are announced as peers and serve nothing.</summary>
    private List<IPAddress> EntryNodes(OverlayState ingress)
    {
        var serving = EndpointsOf(ingress).Select(e => e.Address).ToHashSet();
        return [.. PeersOf(ingress).Select(p => p.Address).Where(a => !serving.Contains(a)), .. ingress.Local.Values.Where(e => e.Service is null).Select(e => e.Address)];
    }

    private void Announce(OverlayState network, LocalEndpoint endpoint)
    {
        if (_tables is null)
        {
            return;
        }

        var id = network.Parameters.Id;
        var mac = OverlayNetwork.MacOf(endpoint.Address);
        _tables.AnnouncePeer(id, endpoint.Id, new PeerEntry(endpoint.Address, endpoint.PrefixLength, mac, _options.TunnelAddress) { Address6 = endpoint.Address6 });
        if (endpoint.Announced is { } service)
        {
            _tables.AnnounceEndpoint(id, service);
        }
    }

    // The first network that knows a name answers. The ingress network comes last: there services have other virtual addresses, which are the mesh's.
    private ZoneView ZoneOf(IReadOnlyList<LocalEndpoint> endpoints) =>
        new(endpoints.Select(e => _networks[e.NetworkId]).OrderBy(n => n.Parameters.IsIngress).Select(n => n.Zone));
}
