using System.Net;

namespace SwarmNet.Gossip.Swim;

/// <summary>How a <see cref="SwimCore"/> presents itself.</summary>
internal sealed class SwimOptions
{
    public required string Name { get; init; }

    public required IPEndPoint EndPoint { get; init; }

    public required int Seed { get; init; }

    public byte[] Meta { get; init; } = [];

    public GossipVersion Version { get; init; }

    public GossipTimers Timers { get; init; } = new();

    /// <summary>Bytes of a packet that label, encryption and CRC take.</summary>
    public int LayerBytes { get; init; }
}
