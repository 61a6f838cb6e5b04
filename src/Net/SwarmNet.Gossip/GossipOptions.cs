using System.Net;
using Microsoft.Extensions.Logging;

namespace SwarmNet.Gossip;

/// <summary>How a <see cref="GossipNode"/> runs.</summary>
public sealed class GossipOptions
{
    /// <summary>The usual port, UDP and TCP.</summary>
    public const int DefaultPort = 7946;

    /// <summary>Unique in the pool, 1 to 255 bytes. Use a new one at every start, as <see cref="GossipNode.NewNodeName"/> gives.</summary>
    public required string NodeName { get; init; }

    /// <summary>The address to listen on.</summary>
    public required IPAddress BindAddress { get; init; }

    /// <summary>The address that others reach this node at; null = <see cref="BindAddress"/>, which then must be a real one.</summary>
    public IPAddress? AdvertiseAddress { get; init; }

    /// <summary>The port, UDP and TCP. Default 7946.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>AES keys of 16, 24 or 32 bytes, the primary first; empty (default) = no encryption.</summary>
    public IReadOnlyList<byte[]> Keys { get; init; } = [];

    /// <summary>A label that all members of the pool put before every packet, up to 255 bytes; empty (default) = none.</summary>
    public string Label { get; init; } = "";

    /// <summary>What this node describes itself with, up to 512 bytes.</summary>
    public byte[] Meta { get; init; } = [];

    /// <summary>
    /// This node takes up what an earlier process at its address served (it was restarted, what it announces never stopped): others keep that
    /// one's table entries until <see cref="GossipNode.EndResumeAsync"/>, at most half a minute. Not together with <see cref="Meta"/>.
    /// </summary>
    public bool IsResuming { get; init; }

    /// <summary>Delegate versions; the default 0,0,0 is Docker's.</summary>
    public GossipVersion Version { get; init; }

    /// <summary>Whether messages are compressed where that makes them smaller. Default true.</summary>
    public bool Compress { get; init; } = true;

    /// <summary>Whether tables ride on the pool. False: only membership, and others' user messages are ignored (a Serf pool). Default true.</summary>
    public bool Tables { get; init; } = true;

    /// <summary>Intervals and limits; default memberlist's for a LAN.</summary>
    public GossipTimers Timers { get; init; } = new();

    /// <summary>Seed of random choices; null = a random one.</summary>
    public int? Seed { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Gets membership changes and failed exchanges; null = nobody.</summary>
    public ILogger? Logger { get; init; }
}
