using System.Security.Cryptography;
using SwarmNet.Manager.AtRest;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Control;

public sealed partial class ControlApi
{
    /// <summary>Replaces the cluster's specification and renews what <paramref name="rotation"/> says. The stored object.</summary>
    /// <param name="id">Cluster id; null for the one cluster.</param>
    /// <param name="version">The version that the caller has read.</param>
    /// <param name="spec">The whole new specification.</param>
    /// <param name="rotation">Secrets to renew.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<Cluster> UpdateClusterAsync(
        string? id, ulong version, ClusterSpec spec, ClusterRotation rotation, CancellationToken cancellationToken)
    {
        ClusterValidator.Check(spec);
        return WriteAsync(
            transaction =>
            {
                var current = (id is null ? transaction.View.Cluster : transaction.View.Clusters.Get(id))
                    ?? throw Refuse.NotFound($"cluster {id} not found");
                ClusterValidator.CheckChange(current.Spec, spec, rotation);
                var cluster = AtVersion(current.Clone(), version);
                cluster.Spec = spec.Clone();
                if (rotation.WorkerJoinToken)
                {
                    cluster.RootCa.JoinTokens.Worker = RenewToken(cluster.RootCa.JoinTokens.Worker);
                }

                if (rotation.ManagerJoinToken)
                {
                    cluster.RootCa.JoinTokens.Manager = RenewToken(cluster.RootCa.JoinTokens.Manager);
                }

                ClusterLock.Settle(cluster, rotation.ManagerUnlockKey);
                transaction.Update(cluster);
                return cluster;
            },
            cancellationToken);
    }

    /// <summary>The same root digest with a new secret: 16 random bytes in base 36.</summary>
    private static string RenewToken(string token)
    {
        var secret = Identifiers.Base36(RandomNumberGenerator.GetBytes(16), 25);
        return $"{token[..(token.LastIndexOf('-') + 1)]}{secret}";
    }
}
