using SwarmNet.Agent.Network;

namespace SwarmNet.Agent.Tests.Network;

/// <summary>The shared tables, with what a test says that other nodes announce.</summary>
internal sealed class MemoryTables : IEndpointTables
{
    private readonly Dictionary<string, List<PeerEntry>> _peers = [];

    public event Action<string>? Changed;

    /// <summary>Another node announces, or takes back, its endpoints.</summary>
    public void SetPeers(string networkId, params PeerEntry[] peers)
    {
        lock (_peers)
        {
            _peers[networkId] = [.. peers];
        }

        Changed?.Invoke(networkId);
    }

    public void Join(string networkId)
    {
    }

    public void Leave(string networkId)
    {
    }

    public void AnnouncePeer(string networkId, string endpointId, PeerEntry peer)
    {
    }

    public void AnnounceEndpoint(string networkId, NetworkEndpoint endpoint)
    {
    }

    public void Withdraw(string networkId, string endpointId)
    {
    }

    public IReadOnlyCollection<PeerEntry> Peers(string networkId)
    {
        lock (_peers)
        {
            return [.. _peers.GetValueOrDefault(networkId) ?? []];
        }
    }

    public IReadOnlyCollection<NetworkEndpoint> Endpoints(string networkId) => [];
}
