using System.Text.Json.Serialization;

namespace SwarmNet.Agent.Network;

/// <summary>What was in force of one network: enough for the next start of the daemon to go on with it before it has heard of anybody.</summary>
internal sealed record RememberedNetwork
{
    /// <summary>The network as the manager described it: a serialized <c>Network</c> message.</summary>
    public required byte[] Network { get; init; }

    /// <summary>Endpoints of other nodes by key: PeerRecord messages.</summary>
    public Dictionary<string, byte[]> Peers { get; init; } = [];

    /// <summary>What endpoints of all nodes, this one's included, serve, by key: EndpointRecord messages.</summary>
    public Dictionary<string, byte[]> Endpoints { get; init; } = [];

    /// <summary>The tasks behind those of <see cref="Endpoints"/> that are this node's.</summary>
    public Dictionary<string, string> Tasks { get; init; } = [];
}

/// <summary>What a node remembers beside its networks.</summary>
internal sealed record RememberedNode
{
    /// <summary>Of the start that wrote it; later ones are larger, even when the clock was set back.</summary>
    public ulong Generation { get; init; }

    /// <summary>UDP port of the tunnel packets.</summary>
    public ushort DataPort { get; init; } = DefaultDataPort;

    /// <summary>IANA's port of VXLAN (RFC 7348 §5).</summary>
    public const ushort DefaultDataPort = 4789;

    /// <summary>Where other members of the gossip pool were reached.</summary>
    public IReadOnlyList<string> Members { get; init; } = [];
}

/// <summary>Serializers made at build time.</summary>
[JsonSerializable(typeof(RememberedNetwork))]
[JsonSerializable(typeof(RememberedNode))]
internal sealed partial class NetworkMemoryJson : JsonSerializerContext;
