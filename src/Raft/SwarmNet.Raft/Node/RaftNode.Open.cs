using Microsoft.Extensions.Logging.Abstractions;

namespace SwarmNet.Raft;

public sealed partial class RaftNode
{
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
        catch (IOException exception)
        {
            throw new RaftStorageException($"{folder} is in use by another Raft node; stop it first, or choose another folder.", folder, exception);
        }
    }

    private static RecoveredState Recover(RaftNodeOptions options)
    {
        string logFolder = Path.Combine(options.Directory, "log");
        string snapshotFolder = Path.Combine(options.Directory, "snapshots");
        SnapshotStore snapshots = new(snapshotFolder, options.NodeId, PlainTransform.Instance);
        List<string> damaged = [];
        RaftSnapshot? snapshot = snapshots.LoadNewest(damaged);
        foreach (string path in damaged)
        {
            LogDamagedSnapshot(options.Logger ?? NullLogger.Instance, options.NodeId, path);
        }

        snapshot ??= Bootstrap(options, snapshots, logFolder);
        WriteAheadLogOptions logOptions = new() { Folder = logFolder, NodeId = options.NodeId, SegmentBytes = options.SegmentBytes };
        WriteAheadLog log = WriteAheadLog.Open(logOptions, snapshot.Index, snapshot.Term, out LogContents contents);
        if (contents.TruncatedBytes > 0)
        {
            LogTornTail(options.Logger ?? NullLogger.Instance, options.NodeId, contents.TruncatedBytes);
        }

        return new RecoveredState(snapshots, snapshot, log, contents);
    }

    // The first configuration is a snapshot of nothing at index 0, the same at every first voter.
    private static RaftSnapshot Bootstrap(RaftNodeOptions options, SnapshotStore snapshots, string logFolder)
    {
        if (Directory.Exists(logFolder) && Directory.EnumerateFileSystemEntries(logFolder).Any())
        {
            throw new RaftStorageException(
                $"{options.Directory} has a log but no snapshot, not even the first one; restore the folder from a backup, "
                + "or remove it and let the node join its cluster anew.", options.Directory);
        }

        if (!options.Bootstrap)
        {
            throw new RaftStorageException(
                $"{options.Directory} holds no Raft state; open it with Bootstrap to start a new cluster there.", options.Directory);
        }

        RaftSnapshot first = new(0, 0, new RaftMembership(options.Voters.Count == 0 ? [options.NodeId] : options.Voters), default);
        snapshots.Save(first);
        return first;
    }
}
