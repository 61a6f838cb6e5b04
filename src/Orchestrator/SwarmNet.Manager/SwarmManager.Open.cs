using System.Security.Cryptography;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SwarmNet.Ca;
using SwarmNet.Manager.AtRest;
using SwarmNet.Manager.Raft;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;
using SwarmNet.Raft;

namespace SwarmNet.Manager;

public sealed partial class SwarmManager
{
    private static readonly TimeSpan s_openPatience = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Makes a new swarm with this node as its only manager. What was begun before in the folder and never finished is thrown away;
    /// when it fails, nothing is left behind. Throws <see cref="Control.ControlException"/> for options that no swarm can have, and
    /// <see cref="InvalidOperationException"/> when the folder holds a manager already.
    /// </summary>
    public static async Task<SwarmManager> BootstrapAsync(SwarmManagerOptions options, CancellationToken cancellationToken)
    {
        ClusterBootstrap.Check(options);
        if (Exists(options.StateDirectory))
        {
            throw new InvalidOperationException($"{options.StateDirectory} holds the state of a manager already: open it, or remove it first.");
        }

        Directory.CreateDirectory(options.StateDirectory);
        RemoveState(options.StateDirectory);
        try
        {
            return await MakeAsync(options, cancellationToken);
        }
        catch
        {
            RemoveState(options.StateDirectory);
            throw;
        }
    }

    /// <summary>
    /// Opens the manager that the folder holds. The store of a swarm's only manager is complete, and can be written, when this returns; one of
    /// several has what it knew. Throws <see cref="ManagerLockedException"/> when it needs its unlock key, <see cref="InvalidDataException"/> or
    /// <see cref="RaftStorageException"/> with a sentence when the folder cannot be used.
    /// </summary>
    public static async Task<SwarmManager> OpenAsync(SwarmManagerOptions options, CancellationToken cancellationToken)
    {
        var identity = ManagerIdentity.Load(options.StateDirectory);
        var keys = KeyFile.Load(options.StateDirectory, options.UnlockKey);
        if (!HasLog(options.StateDirectory))
        {
            identity = Renewed(options, identity, "missing");
        }

        SwarmManager manager;
        try
        {
            manager = await OpenAsync(options, identity, keys, options.Security, cancellationToken);
        }
        catch (RaftDamagedException damage) when (!options.ForceNewCluster && KnowsOthers(identity))
        {
            LogDamaged(options.LoggerFactory?.CreateLogger<SwarmManager>() ?? NullLogger<SwarmManager>.Instance, damage.Message);
            manager = await OpenAsync(options, Renewed(options, identity, "damaged"), keys, options.Security, cancellationToken);
        }

        if (manager._raft.Status.Role == RaftRole.Leader)
        {
            // A disk that is full keeps it from writing, but not from reading.
            await Task.WhenAny(manager._begun.Task, Task.Delay(s_openPatience, options.TimeProvider, cancellationToken));
        }

        return manager;
    }

    /// <summary>
    /// Starts a manager on a node that has been a worker, or is new: it has nothing yet, and waits to be taken in by the others
    /// (<see cref="ListenAsync"/>, then <see cref="JoinAsync"/>). Begun again, it goes on. Needs <see cref="SwarmManagerOptions.Security"/>.
    /// </summary>
    public static async Task<SwarmManager> StartNewcomerAsync(SwarmManagerOptions options, CancellationToken cancellationToken)
    {
        var security = options.Security ?? throw new ArgumentException("A newcomer has its certificate already.", nameof(options));
        Directory.CreateDirectory(options.StateDirectory);
        if (!Exists(options.StateDirectory) || !HasLog(options.StateDirectory))
        {
            RemoveLog(options.StateDirectory);
            if (!File.Exists(KeyFile.PathIn(options.StateDirectory)))
            {
                KeyFile.Create(options.StateDirectory, unlockKey: null);
            }

            new ManagerIdentity(security.Certificate.Identity.NodeId, NewRaftId(), []).Save(options.StateDirectory);
        }

        var keys = KeyFile.Load(options.StateDirectory, options.UnlockKey);
        return await OpenAsync(options, ManagerIdentity.Load(options.StateDirectory), keys, security, cancellationToken);
    }

    /// <summary>
    /// What the private key in the folder's certificates is sealed with; null = it is in the clear, as on a node that is no manager. Throws
    /// <see cref="ManagerLockedException"/> when the unlock key is missing or wrong, <see cref="InvalidDataException"/> for a file that cannot be used.
    /// </summary>
    public static byte[]? CertificateKey(string stateDirectory, UnlockKey? unlockKey) =>
        File.Exists(KeyFile.PathIn(stateDirectory)) ? KeyFile.Load(stateDirectory, unlockKey).CertificateKey : null;

    /// <summary>Removes what a manager keeps, on a node that is one no more and stays in the swarm. Throws <see cref="IOException"/>: call it again then.</summary>
    public static void Forget(string stateDirectory, NodeSecurity security)
    {
        ArgumentNullException.ThrowIfNull(security);

        // A worker starts without an unlock key, so its private key is in the clear; the keys go last, as everything else needs them.
        security.Seal(null);
        File.Delete(ManagerIdentity.PathIn(stateDirectory));
        RemoveLog(stateDirectory);
        DurableFile.Delete(KeyFile.PathIn(stateDirectory));
    }

    private static async Task<SwarmManager> OpenAsync(
        SwarmManagerOptions options, ManagerIdentity identity, KeyFile keys, NodeSecurity? security, CancellationToken cancellationToken)
    {
        var store = new ClusterStore(options.TimeProvider);
        var connections = new RaftConnections(
            identity.RaftId, options.ForceNewCluster ? [] : identity.Peers, options.LoggerFactory?.CreateLogger("SwarmNet.Raft.Transport"));
        RaftNode? raft = null;
        try
        {
            raft = await RaftNode.OpenAsync(RaftOptions(options, identity, keys, bootstrap: false, connections), store, cancellationToken);
            if (store.View.Cluster is null && raft.Status.Role == RaftRole.Leader)
            {
                throw new InvalidDataException($"The log in {options.StateDirectory} holds no cluster: the swarm was never finished.");
            }

            security ??= LoadOrIssueCertificate(options, store.View.Cluster, identity, keys);
            connections.Start(raft, security);
            return new SwarmManager(options, identity, store, raft, connections, security, keys);
        }
        catch
        {
            await store.DisposeAsync();
            await connections.DisposeAsync();
            if (raft is not null)
            {
                await raft.DisposeAsync();
            }

            throw;
        }
    }

    private static async Task<SwarmManager> MakeAsync(SwarmManagerOptions options, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(options.StateDirectory);
        var identity = new ManagerIdentity(options.NodeId ?? Identifiers.New(), NewRaftId(), []);
        var clusterId = Identifiers.New();
        var now = options.TimeProvider.GetUtcNow();
        using var root = RootCa.Create(now);
        var validity = ClusterBootstrap.WithDefaults(options.ClusterSpec).CaConfig.NodeCertExpiry.ToTimeSpan();
        var (certificate, issued) = Issue(root, new PeerIdentity(clusterId, SwarmRoles.Manager, identity.NodeId), validity, now);
        var locks = options.AutoLock || options.ClusterSpec?.EncryptionConfig?.AutoLockManagers == true;
        var unlockKey = locks ? UnlockKey.Create() : null;
        var keys = KeyFile.Create(options.StateDirectory, unlockKey);
        var security = NodeSecurity.Create(options.StateDirectory, certificate, keys.CertificateKey);

        var store = new ClusterStore(options.TimeProvider);
        var connections = new RaftConnections(identity.RaftId, [], options.LoggerFactory?.CreateLogger("SwarmNet.Raft.Transport"));
        RaftNode? raft = null;
        SwarmManager manager;
        try
        {
            raft = await RaftNode.OpenAsync(RaftOptions(options, identity, keys, bootstrap: true, connections), store, cancellationToken);
            store.Start(new RaftProposer(raft, raft.Status.Term));
            await store.UpdateAsync(
                transaction => ClusterBootstrap.Create(transaction, options, clusterId, identity, root, issued, unlockKey), cancellationToken);
            await store.StopAsync();

            // The last step: a folder without this file holds nothing that anybody has been told of.
            identity.Save(options.StateDirectory);
            connections.Start(raft, security);
            manager = new SwarmManager(options, identity, store, raft, connections, security, keys);
        }
        catch
        {
            await store.DisposeAsync();
            await connections.DisposeAsync();
            if (raft is not null)
            {
                await raft.DisposeAsync();
            }

            throw;
        }

        await manager._begun.Task.WaitAsync(cancellationToken);
        return manager;
    }

    private static bool HasLog(string stateDirectory)
    {
        var snapshots = Path.Combine(stateDirectory, "raft", "snapshots");
        return Directory.Exists(snapshots) && Directory.EnumerateFiles(snapshots).Any();
    }

    private static bool KnowsOthers(ManagerIdentity identity) => identity.Peers.Any(peer => peer.NodeId != identity.NodeId);

    /// <summary>
    /// A manager whose log is gone, or damaged, has forgotten what it promised: it comes back as another member, and gets all from the others. What
    /// is left of the log is kept beside it.
    /// </summary>
    private static ManagerIdentity Renewed(SwarmManagerOptions options, ManagerIdentity identity, string problem)
    {
        var raft = Path.Combine(options.StateDirectory, "raft");
        if (options.ForceNewCluster || !KnowsOthers(identity))
        {
            throw new InvalidDataException(
                $"The log of this manager is {problem} in {raft}, and it knows no other manager that has it: restore the folder, or a backup of the swarm.");
        }

        if (Directory.Exists(raft))
        {
            Directory.Move(raft, $"{raft}.{problem}-{options.TimeProvider.GetUtcNow():yyyyMMddHHmmssfff}");
        }

        var renewed = identity with { RaftId = NewRaftId() };
        renewed.Save(options.StateDirectory);
        return renewed;
    }

    private static ulong NewRaftId() => (BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) >> 1) | 1;

    private static RaftNodeOptions RaftOptions(
        SwarmManagerOptions options, ManagerIdentity identity, KeyFile keys, bool bootstrap, RaftConnections connections) => new()
        {
            Directory = Path.Combine(options.StateDirectory, "raft"),
            NodeId = identity.RaftId,
            Bootstrap = bootstrap,
            Join = !bootstrap && !options.ForceNewCluster,
            ForceNewCluster = options.ForceNewCluster,
            DataKeys = keys.Contents.Keys.DataKeys,
            Transport = connections.Transport,
            TimeProvider = options.TimeProvider,
            Logger = options.LoggerFactory?.CreateLogger("SwarmNet.Raft"),
        };

    private static (NodeCertificate Certificate, Certificate Stored) Issue(
        RootCa root, PeerIdentity identity, TimeSpan validity, DateTimeOffset now)
    {
        var request = CertificateSigningRequest.Create();
        var pem = root.Sign(request.Pem.Span, identity, validity, now);
        var certificate = NodeCertificate.Create(pem, request.KeyPem.Span, TrustRoot.Parse(root.CertificatePem.Span), requireValidNow: false);
        return (certificate, new Certificate
        {
            Role = NodeRole.Manager,
            Csr = ByteString.CopyFrom(request.Pem.Span),
            Certificate_ = ByteString.CopyFrom(pem),
            Cn = identity.NodeId,
            Status = new IssuanceStatus { State = IssuanceStatus.Types.State.IssuanceIssued },
        });
    }

    /// <summary>The certificate in the folder; when it is gone, a new one from the root key that the store holds.</summary>
    private static NodeSecurity LoadOrIssueCertificate(SwarmManagerOptions options, Cluster? cluster, ManagerIdentity identity, KeyFile keys)
    {
        if (cluster is null || new CertificateStore(options.StateDirectory).Exists)
        {
            return NodeSecurity.Load(options.StateDirectory, keys.CertificateKey);
        }

        using var root = RootCa.Load(cluster.RootCa.CaCert.Span, cluster.RootCa.CaKey.Span);
        var (certificate, _) = Issue(
            root,
            new PeerIdentity(cluster.Id, SwarmRoles.Manager, identity.NodeId),
            cluster.Spec.CaConfig.NodeCertExpiry.ToTimeSpan(),
            options.TimeProvider.GetUtcNow());
        return NodeSecurity.Create(options.StateDirectory, certificate, keys.CertificateKey);
    }

    [LoggerMessage(2005, LogLevel.Error, "The manager's log is set aside, and what it had comes from the other managers: {Reason}")]
    private static partial void LogDamaged(ILogger logger, string reason);

    private static void RemoveLog(string stateDirectory)
    {
        var raft = Path.Combine(stateDirectory, "raft");
        if (Directory.Exists(raft))
        {
            Directory.Delete(raft, recursive: true);
        }
    }

    private static void RemoveState(string stateDirectory)
    {
        RemoveLog(stateDirectory);
        new CertificateStore(stateDirectory).Delete();
        File.Delete(ManagerIdentity.PathIn(stateDirectory));
        File.Delete(KeyFile.PathIn(stateDirectory));
    }
}
