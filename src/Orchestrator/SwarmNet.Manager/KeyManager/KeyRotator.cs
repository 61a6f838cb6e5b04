using System.Security.Cryptography;
using SwarmNet.Manager.Reconcile;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.KeyManager;

/// <summary>
/// Replaces the data plane's keys every twelve hours (SwarmKit <c>manager/keymanager</c>): per subsystem the oldest goes and a new one comes. The new one
/// is the "next" of every agent for a whole period before any of them sends with it, so that a rotation needs no common moment. The twelve hours
/// start again with a new leader.
/// </summary>
internal sealed class KeyRotator(RandomNumberGenerator random) : IReconciler
{
    /// <summary>Time between two rotations.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromHours(12);

    /// <inheritdoc/>
    public DateTimeOffset? Due { get; private set; }

    /// <inheritdoc/>
    public bool Wants(in StoreEvent change) => false;

    /// <inheritdoc/>
    public void Reset(StoreView view, DateTimeOffset now) =>
        Due = view.Cluster is { } cluster && !NetworkKeys.AreComplete(cluster.NetworkBootstrapKeys) ? now : now + Period;

    /// <inheritdoc/>
    public void Observe(in StoreEvent change, DateTimeOffset now)
    {
    }

    /// <inheritdoc/>
    public IBatch? Plan(StoreView view, DateTimeOffset now)
    {
        Due = now + Period;
        if (view.Cluster is null)
        {
            return null;
        }

        var batch = new WriteBatch();
        batch.Add(Rotate, () => Due = now);
        return batch;
    }

    private bool Rotate(StoreTransaction transaction)
    {
        if (transaction.View.Cluster is not { } current)
        {
            return false;
        }

        var cluster = current.Clone();
        var keys = NetworkKeys.Rotate(current.NetworkBootstrapKeys, current.EncryptionKeyLamportClock, random);
        cluster.NetworkBootstrapKeys.Clear();
        cluster.NetworkBootstrapKeys.AddRange(keys);
        cluster.EncryptionKeyLamportClock = keys.Max(key => key.LamportTime);
        transaction.Update(cluster);
        return true;
    }
}
