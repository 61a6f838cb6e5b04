namespace SwarmNet.EngineApi.Mapping;

/// <summary>What a node knows of a cluster network that its tasks use.</summary>
/// <param name="Endpoints">Attached tasks of this node.</param>
/// <param name="Peers">Nodes with tasks on the network.</param>
/// <param name="Services">Services on the network, for <c>verbose=true</c>.</param>
internal sealed record NetworkOnNode(
    IReadOnlyList<NetworkEndpoint> Endpoints, IReadOnlyList<NetworkPeer> Peers, IReadOnlyList<NetworkService> Services);
