using System.Net;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Agent.Network;

/// <summary>
/// The shared tables of endpoints, as the node network needs them: what this node announces, and what the others do. Backed by gossip; in memory
/// in tests.
/// </summary>
internal interface IEndpointTables
{
    /// <summary>Raised (on any thread) with a network's id when its foreign entries changed.</summary>
    event Action<string>? Changed;

    /// <summary>Takes part in a network: announce in it, hear of it. Joining twice is one.</summary>
    void Join(string networkId);

    /// <summary>Ends that; own entries in it become void.</summary>
    void Leave(string networkId);

    /// <summary>Announces that an endpoint exists: its address and MAC address are behind this node's tunnel end.</summary>
    void AnnouncePeer(string networkId, string endpointId, PeerEntry peer);

    /// <summary>Announces what an endpoint serves; again with other contents to change it.</summary>
    void AnnounceEndpoint(string networkId, NetworkEndpoint endpoint);

    /// <summary>Takes back both announcements of an endpoint.</summary>
    void Withdraw(string networkId, string endpointId);

    /// <summary>Endpoints of other nodes in a network.</summary>
    IReadOnlyCollection<PeerEntry> Peers(string networkId);

    /// <summary>What endpoints of other nodes serve.</summary>
    IReadOnlyCollection<NetworkEndpoint> Endpoints(string networkId);
}

/// <summary>Where an endpoint is: a PeerRecord of networkdb, parsed.</summary>
/// <param name="Address">The endpoint's address.</param>
/// <param name="PrefixLength">Prefix length of its subnet.</param>
/// <param name="Mac">Its MAC address.</param>
/// <param name="TunnelEnd">Data-path address of the node that has it.</param>
internal sealed record PeerEntry(IPAddress Address, int PrefixLength, MacAddress Mac, IPAddress TunnelEnd)
{
    /// <summary>Its IPv6 address with the prefix length of that subnet, at the same MAC address; null = none.</summary>
    public InterfaceAddress? Address6 { get; init; }

    /// <summary>Key of its record: endpoint and generation.</summary>
    public string Key { get; init; } = "";

    /// <summary>Of several endpoints with one address (one that moves) the one with the largest counts: a Lamport time.</summary>
    public ulong Version { get; init; }
}
