using System.Net;
using SwarmNet.Ca;
using SwarmNet.Manager.AtRest;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Tests;

/// <summary>A manager's folder: locked, damaged, backed up and restored.</summary>
[TestFixture]
public sealed class SwarmManagerAtRestTests
{
    private TempFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TempFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public async Task A_locked_manager_opens_with_its_unlock_key_only()
    {
        UnlockKey key;
        await using (var manager = await SwarmManager.BootstrapAsync(Options("a", locks: true), default))
        {
            key = manager.UnlockKey!;
            Assert.That(ClusterLock.KeyOf(manager.Store.View.Cluster!), Is.EqualTo(key));
            Assert.That(manager.Store.View.Cluster!.Spec.EncryptionConfig.AutoLockManagers);
        }

        var before = Contents("a");
        Assert.That((await Assert.ThrowsAsync<ManagerLockedException>(() => SwarmManager.OpenAsync(Options("a"), default)))!.IsWrongKey, Is.False);
        Assert.That((await Assert.ThrowsAsync<ManagerLockedException>(() => SwarmManager.OpenAsync(Options("a", UnlockKey.Create()), default)))!.IsWrongKey);
        Assert.That(Contents("a"), Is.EqualTo(before), "nothing was touched");
        await using var opened = await SwarmManager.OpenAsync(Options("a", key), default);
        Assert.That(opened.Store.View.Cluster, Is.Not.Null);
        Assert.That(opened.UnlockKey, Is.EqualTo(key));
    }

    [Test]
    public async Task Without_its_keys_a_manager_says_so_and_leaves_its_folder_as_it_is()
    {
        await (await SwarmManager.BootstrapAsync(Options("a"), default)).DisposeAsync();
        var path = KeyFile.PathIn(Folder("a"));
        var keys = await File.ReadAllBytesAsync(path);
        File.Delete(path);
        var before = Contents("a");
        Assert.That((await Assert.ThrowsAsync<InvalidDataException>(() => SwarmManager.OpenAsync(Options("a"), default)))!.Message, Does.Contain("is missing"));
        await File.WriteAllBytesAsync(path, keys[..20]);
        Assert.That((await Assert.ThrowsAsync<InvalidDataException>(() => SwarmManager.OpenAsync(Options("a"), default)))!.Message, Does.Contain("is damaged"));
        KeyFile.Create(Folder("a"), null);
        Assert.That(
            (await Assert.ThrowsAsync<SwarmNet.Raft.RaftDataKeyException>(() => SwarmManager.OpenAsync(Options("a"), default)))!.Message,
            Does.Contain("data key"), "another manager's keys");
        File.Delete(path);
        Assert.That(Contents("a"), Is.EqualTo(before));
        await File.WriteAllBytesAsync(path, keys);
        await using var opened = await SwarmManager.OpenAsync(Options("a"), default);
        Assert.That(opened.Store.View.Cluster, Is.Not.Null);
    }

    [Test]
    public async Task A_manager_that_becomes_a_worker_starts_without_an_unlock_key()
    {
        await using (var manager = await SwarmManager.BootstrapAsync(Options("a", locks: true), default))
        {
            await manager.DisposeAsync();
            SwarmManager.Forget(Folder("a"), manager.Security);
        }

        Assert.That(SwarmManager.CertificateKey(Folder("a"), null), Is.Null);
        Assert.That(NodeSecurity.Load(Folder("a")).Certificate.Identity.NodeRole, Is.EqualTo(NodeRole.Manager));
        Assert.That(Directory.GetFileSystemEntries(Folder("a")).Select(Path.GetFileName), Is.EqualTo(new[] { "certificates" }));
    }

    [Test]
    public async Task A_restored_swarm_is_the_one_that_was_backed_up([Values] bool locked)
    {
        await using var manager = await SwarmManager.BootstrapAsync(Options("a", locks: locked), default);
        await manager.Control.CreateServiceAsync(Specs.Replicated("web", 2), default);
        await manager.Store.UpdateAsync(transaction => transaction.Create(OtherManager()), default);
        var file = manager.CreateBackup();
        var view = manager.Store.View;
        var key = manager.UnlockKey;
        await manager.DisposeAsync();

        var backup = SwarmBackup.Open(file, key);
        await using (var restored = await SwarmManager.RestoreAsync(Options("b"), backup, force: false, default))
        {
            Check(restored);
            await restored.Control.CreateServiceAsync(Specs.Replicated("more", 1), default);
            Assert.That(restored.Store.View.Services.FindByName("more")!.Meta.Version.Index, Is.GreaterThan(view.Index));
        }

        await using var again = await SwarmManager.OpenAsync(Options("b", key), default);
        Check(again);
        Assert.That(again.Store.View.Services.FindByName("more"), Is.Not.Null);

        void Check(SwarmManager restored)
        {
            var after = restored.Store.View;
            Assert.That(restored.NodeId, Is.EqualTo(manager.NodeId));
            Assert.That(restored.ClusterId, Is.EqualTo(manager.ClusterId));
            Assert.That(restored.UnlockKey, Is.EqualTo(key));
            Assert.That(after.Services.FindByName("web")!.Id, Is.EqualTo(view.Services.FindByName("web")!.Id));
            Assert.That(after.Cluster!.RootCa, Is.EqualTo(view.Cluster!.RootCa));
            var own = after.Nodes.Get(restored.NodeId)!;
            Assert.That((own.Role, own.ManagerStatus.Addr, own.ManagerStatus.Leader), Is.EqualTo((NodeRole.Manager, "127.0.0.1:2", true)));
            Assert.That(own.ManagerStatus.RaftId, Is.Not.EqualTo(view.Nodes.Get(restored.NodeId)!.ManagerStatus.RaftId), "a new member");
            var other = after.Nodes.Get("m2")!;
            Assert.That((other.Role, other.Spec.DesiredRole, other.ManagerStatus), Is.EqualTo((NodeRole.Worker, NodeRole.Worker, (ManagerStatus?)null)));
            Assert.That(restored.Security.Certificate.Certificate.Thumbprint, Is.Not.EqualTo(manager.Security.Certificate.Certificate.Thumbprint));
        }
    }

    [Test]
    public async Task A_swarm_that_is_alive_is_not_restored_beside_itself_unless_it_must_be()
    {
        await using var manager = await SwarmManager.BootstrapAsync(Options("a"), default);
        await manager.ListenAsync(new IPEndPoint(IPAddress.Loopback, 0), default);
        var address = manager.LocalEndPoint!.ToString();
        await manager.Store.UpdateAsync(
            transaction =>
            {
                var node = OtherManager();
                node.ManagerStatus.Addr = address;
                transaction.Create(node);
            },
            default);
        var backup = SwarmBackup.Open(manager.CreateBackup(), null);
        var refusal = await Assert.ThrowsAsync<BackupException>(() => SwarmManager.RestoreAsync(Options("b"), backup, force: false, default));
        Assert.That(refusal!.Message, Does.StartWith($"A manager of this swarm still answers at {address}:").And.Contain("--force"));
        Assert.That(Directory.Exists(Folder("b")), Is.False);
        await using var forced = await SwarmManager.RestoreAsync(Options("b"), backup, force: true, default);
        Assert.That(forced.ClusterId, Is.EqualTo(manager.ClusterId));

        // Somebody else at that address is no reason.
        await using var stranger = await SwarmManager.BootstrapAsync(Options("c"), default);
        await manager.DisposeAsync();
        await stranger.ListenAsync(IPEndPoint.Parse(address), default);
        await using var third = await SwarmManager.RestoreAsync(Options("d"), backup, force: false, default);
        Assert.That(third.ClusterId, Is.EqualTo(forced.ClusterId));
    }

    [Test]
    public async Task A_restore_that_fails_leaves_nothing_and_one_over_a_manager_is_refused()
    {
        await using var manager = await SwarmManager.BootstrapAsync(Options("a"), default);
        var backup = SwarmBackup.Open(manager.CreateBackup(), null);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        Assert.That(async () => await SwarmManager.RestoreAsync(Options("b"), backup, force: true, cancelled.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Directory.GetFileSystemEntries(Folder("b")), Is.Empty);
        Assert.That(async () => await SwarmManager.RestoreAsync(Options("a"), backup, force: true, default), Throws.InvalidOperationException);
        backup.Cluster.RootCa.CaKey = Google.Protobuf.ByteString.CopyFromUtf8("frob");
        Assert.That(
            async () => await SwarmManager.RestoreAsync(Options("b"), backup, force: true, default),
            Throws.TypeOf<BackupException>().With.Message.StartsWith("The swarm's CA in the backup cannot be used"));
    }

    private static Node OtherManager() => new()
    {
        Id = "m2",
        Spec = new NodeSpec { Annotations = new Annotations(), DesiredRole = NodeRole.Manager, Membership = NodeMembership.Accepted },
        Role = NodeRole.Manager,
        Description = new NodeDescription(),
        Status = new NodeStatus(),
        ManagerStatus = new ManagerStatus { RaftId = 99, Addr = "127.0.0.1:1" },
    };

    private string Folder(string name) => Path.Combine(_folder.Path, name);

    private Dictionary<string, string> Contents(string name) => Directory.GetFiles(Folder(name), "*", SearchOption.AllDirectories)
        .ToDictionary(path => path, path => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path))));

    private SwarmManagerOptions Options(string name, UnlockKey? key = null, bool locks = false) => new()
    {
        StateDirectory = Folder(name),
        AdvertiseAddr = $"127.0.0.1:{name[0] - 'a' + 1}",
        AutoLock = locks,
        UnlockKey = key,
    };
}
