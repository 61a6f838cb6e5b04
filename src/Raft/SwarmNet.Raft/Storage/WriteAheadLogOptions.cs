using Microsoft.Win32.SafeHandles;

namespace SwarmNet.Raft;

/// <summary>Where a <see cref="WriteAheadLog"/> lives and how it is cut.</summary>
internal sealed class WriteAheadLogOptions
{
    public required string Folder { get; init; }

    public required ulong NodeId { get; init; }

    /// <summary>A segment that has reached this size is closed. Default 16 MiB.</summary>
    public int SegmentBytes { get; init; } = 16 << 20;

    public IPayloadTransform Transform { get; init; } = PlainTransform.Instance;

    /// <summary>fsync(2) of a file; tests make it fail.</summary>
    public Action<SafeFileHandle> Flush { get; init; } = RandomAccess.FlushToDisk;
}
