using Microsoft.Win32.SafeHandles;

namespace SwarmNet.Raft;

/// <summary>Where a <see cref="WriteAheadLog"/> lives and how it is cut.</summary>
internal sealed class WriteAheadLogOptions
{
    public required string Folder { get; init; }

    public required ulong NodeId { get; init; }

    /// <summary>A segment that has reached this size is closed. Default 16 MiB.</summary>
    public int SegmentBytes { get; init; } = 16 << 20;

    /// <summary>A segment is written with one transform; opening with another one begins a new segment.</summary>
    public PayloadTransforms Transforms { get; init; } = PayloadTransforms.Plain;

    /// <summary>fsync(2) of a file; tests make it fail.</summary>
    public Action<SafeFileHandle> Flush { get; init; } = RandomAccess.FlushToDisk;
}
