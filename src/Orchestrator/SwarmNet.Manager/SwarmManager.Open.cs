using System.Security.Cryptography;
using Google.Protobuf;
using SwarmNet.Ca;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;
using SwarmNet.Raft;

namespace SwarmNet.Manager;

public sealed partial class SwarmManager
{
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
    /// Opens the manager that the folder holds; its store is complete when this returns. Throws <see cref="InvalidDataException"/> or
    /// <see cref="RaftStorageException"/> with a sentence when the folder cannot be used.
    /// </summary>
    public static async Task<SwarmManager> OpenAsync(SwarmManagerOptions options, CancellationToken cancellationToken)
    {
        var identity = ManagerIdentity.Load(options.StateDirectory);
        var store = new ClusterStore(options.TimeProvider);
        var raft = await RaftNode.OpenAsync(RaftOptions(options, identity, bootstrap: false), store, cancellationToken);
        try
        {
            var cluster = store.View.Cluster
                ?? throw new InvalidDataException($"The log in {options.StateDirectory} holds no cluster: the swarm was never finished.");
            store.Start(new RaftProposer(raft));
            var certificate = LoadOrIssueCertificate(options, cluster, identity);
            await store.UpdateAsync(transaction => RefreshOwnNode(transaction, options, identity), cancellationToken);
            return new SwarmManager(options, identity, store, raft, certificate);
        }
        catch
        {
            await store.DisposeAsync();
            await raft.DisposeAsync();
            throw;
        }
    }

    private static async Task<SwarmManager> MakeAsync(SwarmManagerOptions options, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(options.StateDirectory);
        var raftId = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) >> 1 | 1;
        var identity = new ManagerIdentity(options.NodeId ?? Identifiers.New(), raftId);
        var clusterId = Identifiers.New();
        var now = options.TimeProvider.GetUtcNow();
        using var root = RootCa.Create(now);
        var validity = ClusterBootstrap.WithDefaults(options.ClusterSpec).CaConfig.NodeCertExpiry.ToTimeSpan();
        var (certificate, issued) = Issue(root, new PeerIdentity(clusterId, SwarmRoles.Manager, identity.NodeId), validity, now);
        new CertificateStore(options.StateDirectory).Save(certificate);

        var store = new ClusterStore(options.TimeProvider);
        var raft = await RaftNode.OpenAsync(RaftOptions(options, identity, bootstrap: true), store, cancellationToken);
        try
        {
            store.Start(new RaftProposer(raft));
            await store.UpdateAsync(
                transaction => ClusterBootstrap.Create(transaction, options, clusterId, identity, root, issued), cancellationToken);

            // The last step: a folder without this file holds nothing that anybody has been told of.
            identity.Save(options.StateDirectory);
            return new SwarmManager(options, identity, store, raft, certificate);
        }
        catch
        {
            await store.DisposeAsync();
            await raft.DisposeAsync();
            throw;
        }
    }

    private static RaftNodeOptions RaftOptions(SwarmManagerOptions options, ManagerIdentity identity, bool bootstrap) => new()
    {
        Directory = Path.Combine(options.StateDirectory, "raft"),
        NodeId = identity.RaftId,
        Bootstrap = bootstrap,
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
    private static NodeCertificate LoadOrIssueCertificate(SwarmManagerOptions options, Cluster cluster, ManagerIdentity identity)
    {
        var files = new CertificateStore(options.StateDirectory);
        if (files.Exists)
        {
            return files.Load();
        }

        using var root = RootCa.Load(cluster.RootCa.CaCert.Span, cluster.RootCa.CaKey.Span);
        var (certificate, _) = Issue(
            root,
            new PeerIdentity(cluster.Id, SwarmRoles.Manager, identity.NodeId),
            cluster.Spec.CaConfig.NodeCertExpiry.ToTimeSpan(),
            options.TimeProvider.GetUtcNow());
        files.Save(certificate);
        return certificate;
    }

    /// <summary>The advertised address may have changed since the last start.</summary>
    private static void RefreshOwnNode(StoreTransaction transaction, SwarmManagerOptions options, ManagerIdentity identity)
    {
        var status = ClusterBootstrap.ManagerStatusOf(options, identity);
        if (transaction.View.Nodes.Get(identity.NodeId) is { } current && !status.Equals(current.ManagerStatus))
        {
            var node = current.Clone();
            node.ManagerStatus = status;
            transaction.Update(node);
        }
    }

    private static void RemoveState(string stateDirectory)
    {
        var raft = Path.Combine(stateDirectory, "raft");
        if (Directory.Exists(raft))
        {
            Directory.Delete(raft, recursive: true);
        }

        new CertificateStore(stateDirectory).Delete();
        File.Delete(ManagerIdentity.PathIn(stateDirectory));
    }
}
