using System.Buffers;

namespace SwarmNet.Raft;

/// <summary>A folder for a cluster that begins with a given state, as from a backup, instead of with nothing.</summary>
public static class RaftSeed
{
    /// <summary>
    /// Writes the state of entry <paramref name="index"/> into a folder without Raft state; <see cref="RaftNode.OpenAsync"/> goes on from there, with
    /// the entries after it. Its membership is that of a new cluster: <see cref="RaftNodeOptions.Voters"/>, or the node alone. The ids must be new:
    /// members of the cluster that the state comes from must not take these nodes for theirs. All is on disk when this returns; when it throws, or
    /// the process dies on the way, remove the folder.
    /// </summary>
    /// <param name="options">The same that the node is opened with then.</param>
    /// <param name="index">The last entry in the state; not 0.</param>
    /// <param name="term">A term that is not below the one of that entry; not 0.</param>
    /// <param name="state">What <see cref="IStateMachine.CaptureSnapshot"/> wrote.</param>
    /// <exception cref="RaftStorageException">The folder has Raft state already, or cannot be written.</exception>
    public static void Write(RaftNodeOptions options, ulong index, ulong term, ReadOnlyMemory<byte> state)
    {
        ArgumentOutOfRangeException.ThrowIfZero(index);
        ArgumentOutOfRangeException.ThrowIfZero(term);
        string logFolder = Path.Combine(options.Directory, "log");
        string snapshotFolder = Path.Combine(options.Directory, "snapshots");
        if (HasFiles(logFolder) || HasFiles(snapshotFolder))
        {
            throw new RaftStorageException($"{options.Directory} holds Raft state already; choose an empty folder.", options.Directory);
        }

        DurableFolder.Create(options.Directory);
        using PayloadTransforms transforms = new(options.DataKeys);
        RaftMembership membership = new(options.Voters.Count == 0 ? [options.NodeId] : options.Voters);
        RaftSnapshot snapshot = new(index, term, membership, new ReadOnlySequence<byte>(state));

        // The log without a snapshot is refused, so this order leaves nothing that could be taken for whole.
        WriteAheadLogOptions logOptions = new()
        {
            Folder = logFolder,
            NodeId = options.NodeId,
            SegmentBytes = options.SegmentBytes,
            Transforms = transforms,
            Flush = options.Flush,
        };
        using (WriteAheadLog log = WriteAheadLog.Open(logOptions, 0, 0, out _))
        {
            log.Append(new HardState(term, 0, index), [], snapshot);
        }

        SnapshotStore snapshots = new(snapshotFolder, options.NodeId, transforms, options.Flush);
        snapshots.Prepare();
        snapshots.Save(snapshot);
    }

    private static bool HasFiles(string folder) => Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any();
}
