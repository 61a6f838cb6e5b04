using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using SwarmNet.Manager.Reconcile;
using SwarmNet.Manager.Store;
using SwarmNet.Manager.Tests.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.KeyManager;

public sealed class KeyRotatorTests
{
    private readonly RandomNumberGenerator _random = RandomNumberGenerator.Create();

    [OneTimeTearDown]
    public void Dispose() => _random.Dispose();

    [Test]
    public void A_rotation_drops_the_oldest_key_of_each_subsystem_and_adds_a_newer_one()
    {
        var before = NetworkKeys.Create(_random);
        var clock = before[^1].LamportTime;
        var after = NetworkKeys.Rotate(before, clock, _random);
        Assert.That(after, Has.Count.EqualTo(6));
        Assert.That(after.Select(key => key.LamportTime), Is.Ordered.Ascending.And.Unique);
        foreach (var subsystem in new[] { NetworkKeys.Gossip, NetworkKeys.Ipsec })
        {
            var old = before.Where(key => key.Subsystem == subsystem).OrderBy(key => key.LamportTime).ToList();
            var now = after.Where(key => key.Subsystem == subsystem).OrderBy(key => key.LamportTime).ToList();
            Assert.That(now, Has.Count.EqualTo(3));
            Assert.That(now[0], Is.EqualTo(old[1]), "the primary becomes the previous");
            Assert.That(now[1], Is.EqualTo(old[2]), "the next becomes the primary: every agent has had it for a period");
            Assert.That(now[2].LamportTime, Is.GreaterThan(clock));
            Assert.That(before.Select(key => key.Key), Does.Not.Contain(now[2].Key));
        }
    }

    [Test]
    public void Missing_and_surplus_keys_become_three_per_subsystem()
    {
        var keys = NetworkKeys.Create(_random).Where(key => key.Subsystem == NetworkKeys.Gossip).ToList();
        IReadOnlyList<EncryptionKey> rotated = keys;
        for (var i = 0; i < NetworkKeys.PerSubsystem; i++)
        {
            rotated = NetworkKeys.Rotate(rotated, 0, _random);
        }

        Assert.That(NetworkKeys.AreComplete(keys), Is.False);
        Assert.That(NetworkKeys.AreComplete(rotated), Is.True);
        Assert.That(rotated.Select(key => key.LamportTime), Is.Unique);
    }

    [Test]
    public async Task The_leader_rotates_every_twelve_hours_and_not_before()
    {
        var time = new Dispatcher.ManualTime();
        await using var store = new ClusterStore(time);
        store.Start(new MemoryLog(store));
        var keys = NetworkKeys.Create(_random);
        var cluster = new Cluster { Id = "c", Spec = new ClusterSpec { Annotations = new Annotations { Name = "default" } }, EncryptionKeyLamportClock = keys[^1].LamportTime };
        cluster.NetworkBootstrapKeys.AddRange(keys);
        await store.UpdateAsync(transaction => transaction.Create(cluster), CancellationToken.None);
        using var stop = new CancellationTokenSource();
        var rotator = new KeyRotator(_random);
        var loop = new ReconcilerLoop(store, rotator, time, NullLogger.Instance).RunAsync(stop.Token);

        await time.AdvanceUntilAsync(() => rotator.Due is not null, TimeSpan.FromMinutes(1), CancellationToken.None);
        for (ulong round = 0; round < 4; round++)
        {
            var due = rotator.Due!.Value;
            Assert.That(due - time.GetUtcNow(), Is.GreaterThan(KeyRotator.Period - TimeSpan.FromMinutes(1)));
            time.Advance(due - time.GetUtcNow() - TimeSpan.FromSeconds(1));
            Assert.That(store.View.Cluster!.EncryptionKeyLamportClock, Is.EqualTo(keys[^1].LamportTime + (2 * round)));
            var expected = keys[^1].LamportTime + (2 * (round + 1));
            await time.AdvanceUntilAsync(
                () => store.View.Cluster.EncryptionKeyLamportClock == expected && rotator.Due > due, TimeSpan.FromMinutes(1), CancellationToken.None);
            Assert.That(time.GetUtcNow(), Is.GreaterThanOrEqualTo(due));
            Assert.That(NetworkKeys.AreComplete(store.View.Cluster.NetworkBootstrapKeys), Is.True);
            Assert.That(store.View.Cluster.NetworkBootstrapKeys.Max(key => key.LamportTime), Is.EqualTo(expected));
        }

        await stop.CancelAsync();
        await loop;
    }
}
