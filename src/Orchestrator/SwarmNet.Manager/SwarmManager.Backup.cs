using Google.Protobuf;
using SwarmNet.Ca;
using SwarmNet.Manager.AtRest;
using SwarmNet.Protocol;
using SwarmNet.Raft;

namespace SwarmNet.Manager;

// A swarm in a file, and back.
public sealed partial class SwarmManager
{
    /// <summary>A backup of what this manager's store holds now, as the bytes of its file; see <see cref="ConfirmReadAsync"/>.</summary>
    public byte[] CreateBackup() => SwarmBackup.Create(Store.View, NodeId, _raft.Status.Term, _options.TimeProvider.GetUtcNow());

    /// <summary>
    /// Makes this node the only manager of the swarm in a backup: as the manager that made it, with a new certificate, at the address of the
    /// options. When it fails, nothing is left behind. Throws <see cref="BackupException"/> with a sentence when that cannot be,
    /// <see cref="InvalidOperationException"/> when the folder holds a manager already.
    /// </summary>
    /// <param name="options">Folder and address; what concerns the cluster is that of the backup.</param>
    /// <param name="backup">The backup.</param>
    /// <param name="force">Also while a manager of the swarm answers somewhere.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<SwarmManager> RestoreAsync(
        SwarmManagerOptions options, SwarmBackup backup, bool force, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(backup);
        if (Exists(options.StateDirectory))
        {
            throw new InvalidOperationException($"{options.StateDirectory} holds the state of a manager already: open it, or remove it first.");
        }

        var (certificate, stored) = IssueFor(backup, options.TimeProvider.GetUtcNow());
        if (!force && await SwarmProbe.FindAsync(backup.ManagerAddresses, certificate, cancellationToken) is { } alive)
        {
            throw new BackupException(
                $"A manager of this swarm still answers at {alive}: a restored one beside it would make two swarms of one. "
                + "Stop the managers that are left, or use --force if it must be.");
        }

        Directory.CreateDirectory(options.StateDirectory);
        RemoveState(options.StateDirectory);
        SwarmManager? manager = null;
        try
        {
            manager = await SeedAsync(options, backup, certificate, stored, cancellationToken);
            await manager._begun.Task.WaitAsync(cancellationToken);
            return manager;
        }
        catch
        {
            if (manager is not null)
            {
                await manager.DisposeAsync();
            }

            RemoveState(options.StateDirectory);
            throw;
        }
    }

    private static async Task<SwarmManager> SeedAsync(
        SwarmManagerOptions options, SwarmBackup backup, NodeCertificate certificate, Certificate stored, CancellationToken cancellationToken)
    {
        // A new member of Raft: those of the old swarm, should they come back, do not take it for one of theirs.
        var identity = new ManagerIdentity(backup.Header.NodeId, NewRaftId(), []);
        var unlockKey = ClusterLock.KeyOf(backup.Cluster);
        var keys = KeyFile.Create(options.StateDirectory, unlockKey);
        keys.Save(keys.Contents with { ClusterVersion = backup.Cluster.Meta?.Version?.Index ?? 0 }, unlockKey);
        var security = NodeSecurity.Create(options.StateDirectory, certificate, keys.CertificateKey);
        var state = backup.ForSoleManager(ClusterBootstrap.ManagerStatusOf(options, identity), stored);
        RaftSeed.Write(
            new RaftNodeOptions { Directory = Path.Combine(options.StateDirectory, "raft"), NodeId = identity.RaftId, DataKeys = keys.Contents.Keys.DataKeys },
            state.VersionIndex,
            backup.Header.Term,
            state.ToByteArray());
        identity.Save(options.StateDirectory);
        return await OpenAsync(options, identity, keys, security, cancellationToken);
    }

    private static (NodeCertificate Certificate, Certificate Stored) IssueFor(SwarmBackup backup, DateTimeOffset now)
    {
        var cluster = backup.Cluster;
        try
        {
            using var root = RootCa.Load(cluster.RootCa.CaCert.Span, cluster.RootCa.CaKey.Span);
            var validity = ClusterBootstrap.WithDefaults(cluster.Spec).CaConfig.NodeCertExpiry.ToTimeSpan();
            return Issue(root, new PeerIdentity(cluster.Id, SwarmRoles.Manager, backup.Header.NodeId), validity, now);
        }
        catch (CaException e)
        {
            throw new BackupException($"The swarm's CA in the backup cannot be used: {e.Message} Use another backup.");
        }
    }
}
