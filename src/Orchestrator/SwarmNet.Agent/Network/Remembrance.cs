namespace SwarmNet.Agent.Network;

/// <summary>A <see cref="RememberedNetwork"/> in use: records of before a restart that count until newer ones take their place.</summary>
internal sealed class Remembrance(RememberedNetwork network)
{
    private readonly List<PeerEntry> _peers = [.. network.Peers.Select(p => EndpointRecords.ParsePeer(p.Key, p.Value)).OfType<PeerEntry>()];
    private readonly List<NetworkEndpoint> _endpoints = [.. network.Endpoints.Select(e => EndpointRecords.ParseEndpoint(e.Key, e.Value)).OfType<NetworkEndpoint>()];

    /// <summary>This node's tasks by the keys of their endpoints.</summary>
    public Dictionary<string, string> Tasks { get; } = new(network.Tasks, StringComparer.Ordinal);

    /// <summary>Endpoints of other nodes: those announced now, and the remembered ones of which nothing is heard yet.</summary>
    public IEnumerable<PeerEntry> With(IReadOnlyCollection<PeerEntry> peers)
    {
        var known = peers.Select(p => p.Address).ToHashSet();
        return peers.Concat(_peers.Where(p => !known.Contains(p.Address)));
    }

    /// <summary>What endpoints serve, likewise.</summary>
    public IEnumerable<NetworkEndpoint> With(IReadOnlyCollection<NetworkEndpoint> endpoints)
    {
        var known = endpoints.Select(e => e.Address).ToHashSet();
        return endpoints.Concat(_endpoints.Where(e => !known.Contains(e.Address)));
    }

    /// <summary>The other nodes have said all: what they did not say again is no more.</summary>
    public void ForgetForeign()
    {
        _peers.Clear();
        _endpoints.RemoveAll(e => !Tasks.ContainsKey(e.Id));
    }

    /// <summary>A task of this node speaks for itself from now on, or is gone.</summary>
    public void Forget(string taskId)
    {
        foreach (var key in Tasks.Where(t => t.Value == taskId).Select(t => t.Key).ToList())
        {
            Tasks.Remove(key);
            _endpoints.RemoveAll(e => e.Id == key);
        }
    }
}
