using Google.Protobuf;
using SwarmNet.Ca;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.AtRest;

/// <summary>The unlock key in the cluster object (SwarmKit <c>manager/controlapi/cluster.go</c>).</summary>
public static class ClusterLock
{
    /// <summary>The key that managers of this cluster are locked with; null = they are not locked.</summary>
    public static UnlockKey? KeyOf(Cluster cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        return cluster.Spec?.EncryptionConfig?.AutoLockManagers == true
            && cluster.UnlockKeys.FirstOrDefault(static key => key.Subsystem == SwarmRoles.Manager) is { } stored
            && UnlockKey.TryCreate(stored.Key.Span, out var found)
            ? found
            : null;
    }

    /// <summary>Makes the key when the specification wants one and there is none, or when it is to be renewed; removes it when locking is off.</summary>
    internal static void Settle(Cluster cluster, bool renew)
    {
        if (cluster.Spec.EncryptionConfig?.AutoLockManagers != true)
        {
            cluster.UnlockKeys.Clear();
        }
        else if (renew || KeyOf(cluster) is null)
        {
            Put(cluster, UnlockKey.Create());
        }
    }

    /// <summary>Makes this the only key.</summary>
    internal static void Put(Cluster cluster, UnlockKey key)
    {
        cluster.UnlockKeys.Clear();
        cluster.UnlockKeys.Add(new EncryptionKey { Subsystem = SwarmRoles.Manager, Key = ByteString.CopyFrom(key.Bytes.Span) });
    }
}
