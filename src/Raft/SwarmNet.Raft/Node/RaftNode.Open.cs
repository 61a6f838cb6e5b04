using Microsoft.Extensions.Logging.Abstractions;

namespace SwarmNet.Raft;

public sealed partial class RaftNode
{
    // asm-generic/errno-base.h EAGAIN: somebody else holds the lock (flock(2)). The runtime puts the errno into HResult.
    private const int Locked = 11;

    private static RaftNode Create(RaftNodeOptions options, IStateMachine machine)
    {
        DurableFolder.Create(options.Directory);
        FileStream folderLock = LockFolder(options.Directory);
        WriteAheadLog? log = null;
        try
        {
            RecoveredState state = Recover(options);
            log = state.Log;
            if (state.Snapshot.Index > 0)
            {
                machine.RestoreSnapshot(state.Snapshot.Index, state.Snapshot.Data);
            }

            return new RaftNode(options, machine, folderLock, state);
        }
        catch
        {
            log?.Dispose();
            folderLock.Dispose();
            throw;
        }
    }

    private static FileStream LockFolder(string folder)
    {
        string path = Path.Combine(folder, "lock");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (exception.HResult == Locked)
        {
            throw new RaftStorageException($"{folder} is in use by another Raft node; stop it first, or choose another folder.", folder, exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new RaftStorageException($"{folder} cannot be written: {exception.Message}", folder, exception);
        }
    }

    private static RecoveredState Recover(RaftNodeOptions options)
    {
        string logFolder = Path.Combine(options.Directory, "log");
        string snapshotFolder = Path.Combine(options.Directory, "snapshots");
        PayloadTransforms transforms = new(options.DataKeys);
        SnapshotStore snapshots = new(snapshotFolder, options.NodeId, transforms, options.Flush) { OldSnapshots = options.OldSnapshots };
        snapshots.Prepare();
        List<string> damaged = [];
        RaftSnapshot? snapshot = snapshots.LoadNewest(damaged);
        foreach (string path in damaged)
        {
            LogDamagedSnapshot(options.Logger ?? NullLogger.Instance, options.NodeId, path);
        }

        snapshot ??= First(options, snapshots, logFolder);
        WriteAheadLogOptions logOptions = new() { Folder = logFolder, NodeId = options.NodeId, SegmentBytes = options.SegmentBytes, Transforms = transforms, Flush = options.Flush };
        WriteAheadLog log = WriteAheadLog.Open(logOptions, snapshot.Index, snapshot.Term, out LogContents contents);
        if (contents.TruncatedBytes > 0)
        {
            LogTornTail(options.Logger ?? NullLogger.Instance, options.NodeId, contents.TruncatedBytes);
        }

        // A stop right after a snapshot leaves what it made needless.
        log.Compact(snapshots.OldestIndex);
        return new RecoveredState(snapshots, snapshot, log, options.ForceNewCluster ? ForceNewCluster(options, log, snapshot, contents) : contents, transforms);
    }

    // Nothing is cut off: what is not known to be committed may have been acknowledged by a majority that is gone.
    private static LogContents ForceNewCluster(RaftNodeOptions options, WriteAheadLog log, RaftSnapshot snapshot, LogContents contents)
    {
        try
        {
            ulong term = contents.HardState.Term + 1;
            ulong index = Math.Max(snapshot.Index, contents.Entries.Count > 0 ? contents.Entries[^1].Index : 0) + 1;
            HardState hardState = new(term, options.NodeId, contents.HardState.Commit);
            LogEntry entry = new(term, index, EntryType.Membership, new RaftMembership([options.NodeId]).ToBytes());
            log.Append(hardState, [entry]);
            LogForced(options.Logger ?? NullLogger.Instance, options.NodeId, index);
            return contents with { HardState = hardState, Entries = [.. contents.Entries, entry] };
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    // The first configuration is a snapshot of nothing at index 0, the same at every first voter; of a node that joins it is empty.
    private static RaftSnapshot First(RaftNodeOptions options, SnapshotStore snapshots, string logFolder)
    {
        if (Directory.Exists(logFolder) && Directory.EnumerateFileSystemEntries(logFolder).Any())
        {
            throw new RaftDamagedException(
                $"{options.Directory} has a log but no snapshot, not even the first one; restore the folder from a backup, "
                + "or remove it and let the node join its cluster anew.", options.Directory);
        }

        if (options.ForceNewCluster || options.Bootstrap == options.Join)
        {
            throw new RaftStorageException(
                $"{options.Directory} holds no Raft state; open it with Bootstrap to start a new cluster there, or with Join to be taken into one"
                + $"{(options.ForceNewCluster ? ", without ForceNewCluster" : options.Join ? ", not with both" : "")}.", options.Directory);
        }

        RaftMembership membership = options.Join ? RaftMembership.Empty
            : new RaftMembership(options.Voters.Count == 0 ? [options.NodeId] : options.Voters);
        RaftSnapshot first = new(0, 0, membership, default);
        snapshots.Save(first);
        return first;
    }
}
