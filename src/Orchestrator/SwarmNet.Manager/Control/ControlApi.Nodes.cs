using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf.WellKnownTypes;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Control;

public sealed partial class ControlApi
{
    // Actions kept free for the node and the cluster in the transaction that removes a node.
    private const int MaxOrphansPerTransaction = StoreTransaction.MaxActions - 10;
    private static readonly TimeSpan BlockedCertificateMargin = TimeSpan.FromDays(7);

    /// <summary>Changes role, availability or labels of a node. The stored object.</summary>
    public Task<Node> UpdateNodeAsync(string id, ulong version, NodeSpec spec, CancellationToken cancellationToken) => WriteAsync(
        transaction =>
        {
            var current = transaction.View.Nodes.Get(id) ?? throw Refuse.NotFound($"node {id} not found");
            CheckRoleChange(transaction.View, current, spec.DesiredRole);
            var node = AtVersion(current.Clone(), version);
            node.Spec = spec.Clone();
            transaction.Update(node);
            return node;
        },
        cancellationToken);

    /// <summary>
    /// Removes a node: its certificate is blocked, its tasks become orphans. A node that is ready is refused unless
    /// <paramref name="force"/>; a member of Raft always is. The removed object.
    /// </summary>
    public async Task<Node> RemoveNodeAsync(string id, bool force, CancellationToken cancellationToken)
    {
        var removed = await WriteAsync(
            transaction =>
            {
                var node = transaction.View.Nodes.Get(id) ?? throw Refuse.NotFound($"node {id} not found");
                CheckRemovable(transaction.View, node, force);
                BlockCertificate(transaction, node);
                Orphan(transaction, id);
                transaction.Remove(node);
                return node;
            },
            cancellationToken);

        // What did not fit: the leader's node monitor would find these too.
        while (store.View.TasksOfNode(id).Any(IsLive))
        {
            await store.UpdateAsync(transaction => Orphan(transaction, id), cancellationToken);
        }

        return removed;
    }

    /// <summary>Promoting is always granted; what is left of it happens on the node. Demoting must leave a swarm that can go on.</summary>
    private static void CheckRoleChange(StoreView view, Node node, NodeRole desired)
    {
        if (node.Spec.DesiredRole != NodeRole.Manager || desired != NodeRole.Worker)
        {
            return;
        }

        var managers = ManagerQuorum.Of(view);
        if (managers.IsLast(node.Id))
        {
            throw Refuse.Precondition("attempting to demote the last manager of the swarm");
        }

        if (!managers.IsMember(node.Id))
        {
            throw Refuse.NotFound("can't find manager in raft memberlist");
        }

        if (!managers.SurvivesWithout(node.Id))
        {
            throw Refuse.Precondition("can't remove member from the raft: this would result in a loss of quorum");
        }
    }

    /// <summary>A member of Raft keeps its object, which says so, until it has been removed there; a node that never joined may go.</summary>
    private static void CheckRemovable(StoreView view, Node node, bool force)
    {
        if (ManagerQuorum.Of(view).IsMember(node.Id))
        {
            throw Refuse.Precondition(
                $"node {node.Id} is a cluster manager and is a member of the raft cluster. It must be demoted to worker before removal");
        }

        if (!force && node.Status?.State == NodeState.Ready)
        {
            throw Refuse.Precondition($"node {node.Id} is not down and can't be removed");
        }
    }

    private static void BlockCertificate(StoreTransaction transaction, Node node)
    {
        if (transaction.View.Cluster is not { } current || node.Certificate is not { Certificate_.Length: > 0 } certificate)
        {
            return;
        }

        var cluster = current.Clone();
        var now = transaction.Now.ToDateTimeOffset();
        foreach (var (name, blocked) in current.BlacklistedCertificates)
        {
            if (blocked.Expiry.ToDateTimeOffset() <= now)
            {
                cluster.BlacklistedCertificates.Remove(name);
            }
        }

        var commonName = certificate.Cn.Length > 0 ? certificate.Cn : node.Id;
        var expiry = ExpiryOf(certificate, cluster, now) + BlockedCertificateMargin;
        cluster.BlacklistedCertificates[commonName] = new BlacklistedCertificate { Expiry = expiry.ToTimestamp() };
        transaction.Update(cluster);
    }

    private static DateTimeOffset ExpiryOf(Certificate certificate, Cluster cluster, DateTimeOffset now)
    {
        try
        {
            using var parsed = X509Certificate2.CreateFromPem(certificate.Certificate_.ToStringUtf8());
            return parsed.NotAfter.ToUniversalTime();
        }
        catch (CryptographicException)
        {
            // Unreadable: whatever was issued is not valid for longer than a certificate issued now.
            return now + (cluster.Spec.CaConfig?.NodeCertExpiry?.ToTimeSpan() ?? TimeSpan.FromDays(90));
        }
    }

    private static bool IsLive(SwarmTask task) => task.Status.State < TaskState.Complete;

    private static void Orphan(StoreTransaction transaction, string nodeId)
    {
        foreach (var live in transaction.View.TasksOfNode(nodeId).Where(IsLive).Take(MaxOrphansPerTransaction).ToList())
        {
            var task = live.Clone();
            task.Status.State = TaskState.Orphaned;
            task.Status.Message = "Task belonged to a node that has been deleted";
            task.Status.Timestamp = transaction.Now;
            transaction.Update(task);
        }
    }
}
