using Microsoft.Extensions.Logging.Abstractions;
using SwarmNet.Ca;
using SwarmNet.Manager.AtRest;
using SwarmNet.Manager.Control;
using SwarmNet.Manager.Tests.Control;
using SwarmNet.Protocol;
using SwarmNet.Raft;

namespace SwarmNet.Manager.Tests.AtRest;

public sealed class ClusterFollowerTests
{
    private TempFolder _folder = null!;
    private ControlFixture _swarm = null!;
    private RecordedRaft _raft = null!;
    private NodeSecurity _security = null!;

    [SetUp]
    public async Task SetUp()
    {
        _folder = new TempFolder();
        _swarm = new ControlFixture();
        _raft = new RecordedRaft();
        _security = NodeSecurity.Create(_folder.Path, Certificate());
        await _swarm.CreateBasics();
    }

    [TearDown]
    public async Task TearDown()
    {
        await _swarm.DisposeAsync();
        _folder.Dispose();
    }

    private string Folder => _folder.Path;

    [Test]
    public async Task Locking_seals_the_keys_renews_the_data_key_and_drops_the_old_one_when_nothing_needs_it()
    {
        var file = KeyFile.Create(Folder, null);
        var first = file.Contents.Keys.DataKeys[0];
        await using var follower = Follow(file);
        await UpdateAsync(spec => spec.EncryptionConfig.AutoLockManagers = true);
        var added = await _raft.CalledAsync("key ");

        // In the file, and sealed, before Raft uses it; the old one is there until Raft is done with it.
        var sealedFile = KeyFile.Load(Folder, ClusterLock.KeyOf(_swarm.View.Cluster!));
        Assert.That(() => KeyFile.Load(Folder, null), Throws.TypeOf<ManagerLockedException>());
        Assert.That(added, Is.EqualTo("key " + Hex(sealedFile.Contents.Keys.DataKeys[0])));
        Assert.That(Hex(sealedFile.Contents.Keys.DataKeys[1]), Is.EqualTo(Hex(first)));
        await _raft.CalledAsync("drop");
        _raft.Dropped();
        await UntilAsync(() => KeyFile.Load(Folder, sealedFile.UnlockKey).Contents.Keys.DataKeys.Count == 1, "the old key is gone");
        Assert.That(Hex(KeyFile.Load(Folder, sealedFile.UnlockKey).Contents.Keys.DataKeys[0]), Is.EqualTo(Hex(sealedFile.Contents.Keys.DataKeys[0])));
    }

    [Test]
    public async Task A_new_unlock_key_seals_the_same_keys_again_and_unlocking_opens_them()
    {
        await UpdateAsync(spec => spec.EncryptionConfig.AutoLockManagers = true);
        var first = ClusterLock.KeyOf(_swarm.View.Cluster!)!;
        var file = KeyFile.Create(Folder, first);
        var keys = Hex(file.Contents.Keys.DataKeys[0]);
        await using var follower = Follow(file);
        await UpdateAsync(_ => { }, rotate: true);
        var second = ClusterLock.KeyOf(_swarm.View.Cluster!)!;
        Assert.That(second, Is.Not.EqualTo(first));
        await UntilAsync(() => Opens(second), "the new key opens it");
        Assert.That(() => KeyFile.Load(Folder, first), Throws.TypeOf<ManagerLockedException>().With.Property("IsWrongKey").True);
        Assert.That(KeyFile.Load(Folder, second).Contents.Keys.DataKeys.Select(Hex), Is.EqualTo(new[] { keys }));

        await UpdateAsync(spec => spec.EncryptionConfig.AutoLockManagers = false);
        Assert.That(_swarm.View.Cluster!.UnlockKeys, Is.Empty);
        await UntilAsync(() => Opens(null), "it opens without a key");
        Assert.That(KeyFile.Load(Folder, null).Contents.Keys.DataKeys.Select(Hex), Is.EqualTo(new[] { keys }));
    }

    [Test]
    public async Task The_private_key_of_the_certificate_goes_with_the_others()
    {
        var file = KeyFile.Create(Folder, null);
        await using var follower = Follow(file);
        await UpdateAsync(spec => spec.EncryptionConfig.AutoLockManagers = true);
        await UntilAsync(() => IsSealed(), "it is sealed");
        Assert.That(NodeSecurity.Load(Folder, SwarmManager.CertificateKey(Folder, follower.UnlockKey)).Certificate.Identity.NodeId, Is.EqualTo("n"));
        Assert.That(() => NodeSecurity.Load(Folder), Throws.TypeOf<CaException>());
        await UpdateAsync(spec => spec.EncryptionConfig.AutoLockManagers = false);
        await UntilAsync(() => !IsSealed(), "it is in the clear");
        Assert.That(follower.UnlockKey, Is.Null);
        bool IsSealed() => File.ReadAllText(Path.Combine(Folder, "certificates", "swarm-node.key")).Contains("SEALED", StringComparison.Ordinal);
    }

    [Test]
    public async Task A_private_key_that_a_crash_left_in_the_clear_is_sealed_at_the_next_start()
    {
        await UpdateAsync(spec => spec.EncryptionConfig.AutoLockManagers = true);
        Assert.That(NodeSecurity.Load(Folder).Certificate.Identity.NodeId, Is.EqualTo("n"), "in the clear");
        await using var follower = Follow(KeyFile.Create(Folder, ClusterLock.KeyOf(_swarm.View.Cluster!)));
        Assert.That(() => NodeSecurity.Load(Folder), Throws.TypeOf<CaException>());
    }

    // While a log is replayed, the cluster object passes through its past.
    [Test]
    public async Task An_older_cluster_object_than_the_file_knows_of_changes_nothing()
    {
        var unlock = UnlockKey.Create();
        var file = KeyFile.Create(Folder, unlock);
        file.Save(file.Contents with { ClusterVersion = 5 }, unlock);
        await using var follower = Follow(file);
        for (var version = 2u; version <= 5; version++)
        {
            await UpdateAsync(spec => spec.Raft.SnapshotInterval = version);
            await _raft.CalledAsync($"snapshot each {version},");
            Assert.That(_swarm.View.Cluster!.Meta.Version.Index, Is.EqualTo(version));
            Assert.That(Opens(unlock), Is.True, $"version {version}");
        }

        await UpdateAsync(spec => spec.Raft.SnapshotInterval = 6);
        await UntilAsync(() => Opens(null), "a newer one counts");
    }

    [Test]
    public async Task A_rotation_that_a_crash_cut_short_goes_on_at_the_next_start()
    {
        var file = KeyFile.Create(Folder, null);
        file.Save(file.Contents with { Keys = file.Contents.Keys.Renew() }, null);
        await using (var follower = Follow(file))
        {
            await _raft.CalledAsync("drop");
        }

        Assert.That(KeyFile.Load(Folder, null).Contents.Keys.DataKeys, Has.Count.EqualTo(2), "stopped before it was done");
        await using var next = Follow(KeyFile.Load(Folder, null));
        await _raft.CalledAsync("drop");
        _raft.Dropped();
        await UntilAsync(() => KeyFile.Load(Folder, null).Contents.Keys.DataKeys.Count == 1, "the old key is gone");
    }

    [Test]
    public async Task A_key_that_Raft_has_not_taken_is_offered_again_and_the_old_one_stays()
    {
        var file = KeyFile.Create(Folder, null);
        _raft.NextFailure = new RaftException("the node is stopped");
        await using var follower = Follow(file);
        await UpdateAsync(spec => spec.EncryptionConfig.AutoLockManagers = true);
        var unlock = ClusterLock.KeyOf(_swarm.View.Cluster!);
        await UntilAsync(() => _raft.NextFailure is null, "it was refused");
        Assert.That(KeyFile.Load(Folder, unlock).Contents.Keys.DataKeys, Has.Count.EqualTo(2));

        // The next look at the cluster, here for a change, offers it again.
        await UpdateAsync(spec => spec.Raft.SnapshotInterval = 77);
        var added = await _raft.CalledAsync("key ");
        Assert.That(added, Is.EqualTo("key " + Hex(KeyFile.Load(Folder, unlock).Contents.Keys.DataKeys[0])));
    }

    [Test]
    public async Task Snapshots_follow_the_cluster()
    {
        await using var follower = Follow(KeyFile.Create(Folder, null));
        await _raft.CalledAsync("snapshot each 10000, 1 old");
        await UpdateAsync(spec => (spec.Raft.SnapshotInterval, spec.Raft.KeepOldSnapshots) = (5, 7));
        await _raft.CalledAsync("snapshot each 5, 7 old");
        await UpdateAsync(spec => (spec.Raft.SnapshotInterval, spec.Raft.KeepOldSnapshots) = (ulong.MaxValue, ulong.MaxValue));
        await _raft.CalledAsync($"snapshot each {int.MaxValue}, {int.MaxValue} old");
    }

    private static string Hex(ReadOnlyMemory<byte> key) => Convert.ToHexString(key.Span);

    private static async Task UntilAsync(Func<bool> condition, string what)
    {
        var deadline = Environment.TickCount64 + 30_000;
        while (!condition())
        {
            Assert.That(Environment.TickCount64, Is.LessThan(deadline), $"not within 30 s: {what}");
            await Task.Delay(5);
        }
    }

    private static NodeCertificate Certificate()
    {
        using var root = RootCa.Create(DateTimeOffset.UtcNow);
        var request = CertificateSigningRequest.Create();
        var pem = root.Sign(request.Pem.Span, new PeerIdentity("c", SwarmRoles.Manager, "n"), RootCa.DefaultNodeValidity, DateTimeOffset.UtcNow);
        return NodeCertificate.Create(pem, request.KeyPem.Span, TrustRoot.Parse(root.CertificatePem.Span));
    }

    private bool Opens(UnlockKey? key)
    {
        try
        {
            return Equals(KeyFile.Load(Folder, key).UnlockKey, key);
        }
        catch (ManagerLockedException)
        {
            return false;
        }
    }

    private ClusterFollower Follow(KeyFile file) => new(_swarm.Store, file, _security, _raft, TimeProvider.System, NullLogger.Instance);

    private Task UpdateAsync(Action<ClusterSpec> change, bool rotate = false)
    {
        var spec = _swarm.View.Cluster!.Spec.Clone();
        change(spec);
        return _swarm.Control.UpdateClusterAsync(
            null, _swarm.View.Cluster.Meta.Version.Index, spec, new ClusterRotation(false, false, rotate), CancellationToken.None);
    }
}
