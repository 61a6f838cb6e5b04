using SwarmNet.Raft;

namespace SwarmNet.Manager.AtRest;

/// <summary>The Raft node of this manager.</summary>
internal sealed class RaftSettings(RaftNode raft) : IRaftSettings
{
    public void SetSnapshots(int entries, int oldSnapshots) => (raft.SnapshotEntries, raft.OldSnapshots) = (entries, oldSnapshots);

    public Task AddDataKeyAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken) => raft.AddDataKeyAsync(key, cancellationToken).AsTask();

    public Task DropOlderDataKeysAsync(CancellationToken cancellationToken) => raft.DropOlderDataKeysAsync(cancellationToken).AsTask();
}
