namespace SwarmNet.Manager.AtRest;

/// <summary>What of a running Raft node follows the cluster object.</summary>
internal interface IRaftSettings
{
    /// <summary>A snapshot is taken after so many entries (0 = never), and so many stay beside the newest (at least 1).</summary>
    void SetSnapshots(int entries, int oldSnapshots);

    /// <summary>Data at rest is encrypted with this key from now on.</summary>
    Task AddDataKeyAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken);

    /// <summary>Rewrites what older keys encrypt; may take as long as there is no majority of managers.</summary>
    Task DropOlderDataKeysAsync(CancellationToken cancellationToken);
}
