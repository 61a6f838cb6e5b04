using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace SwarmNet.Raft;

/// <summary>How a <see cref="RaftNode"/> runs.</summary>
public sealed class RaftNodeOptions
{
    /// <summary>The folder of log and snapshots; created if missing, locked while the node is open.</summary>
    public required string Directory { get; init; }

    /// <summary>This node's id in its cluster; not 0, and the same at every start.</summary>
    public required ulong NodeId { get; init; }

    /// <summary>
    /// Whether a folder without state starts a new cluster with <see cref="Voters"/>. Without this and <see cref="Join"/> such a folder is
    /// refused. No effect on a folder with state.
    /// </summary>
    public bool Bootstrap { get; init; }

    /// <summary>
    /// Whether a folder without state waits for a cluster to take the node in: a leader adds it with <see cref="RaftNode.ChangeMembershipAsync"/>.
    /// The id must be new to the cluster: a node that lost its folder comes back under another id. No effect on a folder with state.
    /// </summary>
    public bool Join { get; init; }

    /// <summary>
    /// Makes this node the only voter, with all that its log has: for a cluster that lost its majority for good. The new membership is an entry in
    /// the log. The other members must never reach this node again under their old ids. Needs a folder with state.
    /// </summary>
    public bool ForceNewCluster { get; init; }

    /// <summary>The voters of a new cluster, the same at each of them; empty (default) = this node alone.</summary>
    public IReadOnlyList<ulong> Voters { get; init; } = [];

    /// <summary>The unit of the node's time. Default 100 ms.</summary>
    public TimeSpan TickInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Ticks without a leader before an election; random in [n, 2n). Default 6.</summary>
    public int ElectionTicks { get; init; } = 6;

    /// <summary>A snapshot is taken after this many entries; 0 = never. Default 10,000. Up to twice as many stay in memory.</summary>
    public int SnapshotEntries { get; init; } = 10_000;

    /// <summary>
    /// How many snapshots stay beside the newest, with the log from the oldest on: so many may be damaged, and the node still starts. Default and
    /// least 1.
    /// </summary>
    public int OldSnapshots { get; init; } = 1;

    /// <summary>Largest command. Default 8 MiB; at most 32 MiB.</summary>
    public int MaxCommandBytes { get; init; } = 8 << 20;

    /// <summary>A log file of this size is closed and a new one started. Default 16 MiB.</summary>
    public int SegmentBytes { get; init; } = 16 << 20;

    /// <summary>
    /// Keys of 32 bytes for encryption at rest with AES-256-GCM: the first one writes, the others are for files that were written earlier. Empty
    /// (default) = files are not encrypted. To rotate, open with the new key before the old one; the old one is needed until a snapshot with the
    /// new one has replaced what it wrote (twice).
    /// </summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> DataKeys { get; init; } = [];

    /// <summary>Where messages to other nodes go; null = nowhere (enough for a single voter).</summary>
    public IRaftTransport? Transport { get; init; }

    /// <summary>Seed of the randomised election timeout; null = a random one.</summary>
    public int? Seed { get; init; }

    /// <summary>The clock of ticks.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Gets role changes, snapshots and faults; null = nobody.</summary>
    public ILogger? Logger { get; init; }

    /// <summary>fsync(2) of a log file; tests make it slow, or fail.</summary>
    internal Action<SafeFileHandle> Flush { get; init; } = RandomAccess.FlushToDisk;
}
