namespace SwarmNet.Gossip;

/// <summary>memberlist's timers and multipliers; the defaults are its LAN profile.</summary>
public sealed record GossipTimers
{
    /// <summary>Time between probes. Default 1 s.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Time that an ack may take before others are asked to probe. Default 500 ms.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Members asked to probe in our place. Default 3.</summary>
    public int IndirectChecks { get; init; } = 3;

    /// <summary>Least time of suspicion = this × max(1, log10 n) × probe interval. Default 4.</summary>
    public int SuspicionMultiplier { get; init; } = 4;

    /// <summary>Longest time of suspicion = this × the least. Default 6.</summary>
    public int SuspicionMaxMultiplier { get; init; } = 6;

    /// <summary>Time between rounds of gossip. Default 200 ms.</summary>
    public TimeSpan GossipInterval { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Members told per round. Default 3.</summary>
    public int GossipNodes { get; init; } = 3;

    /// <summary>Time that a dead member is still told, so that it can refute; then it is forgotten. Default 30 s.</summary>
    public TimeSpan GossipToTheDead { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time between full exchanges over TCP, and between bulk syncs of tables. Default 30 s.</summary>
    public TimeSpan PushPullInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Transmissions of a message = this × ceil(log10(n + 1)). Default 4.</summary>
    public int RetransmitMultiplier { get; init; } = 4;

    /// <summary>Time for a whole TCP exchange. Default 10 s.</summary>
    public TimeSpan StreamTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Awareness scores are below this. Default 8.</summary>
    public int AwarenessMax { get; init; } = 8;

    /// <summary>Largest UDP packet, layers included. Default 1400.</summary>
    public int PacketBytes { get; init; } = 1400;
}
