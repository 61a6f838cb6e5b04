using System.Security.Cryptography;
using Google.Protobuf;
using SwarmNet.Ca;
using SwarmNet.Manager.AtRest;
using SwarmNet.Manager.Tests.Control;
using SwarmNet.Manager.Tests.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Tests.AtRest;

public sealed class SwarmBackupTests
{
    private static readonly UnlockKey _unlock = UnlockKey.Create();
    private static readonly DateTimeOffset _time = new(2026, 11, 21, 12, 0, 0, 5, TimeSpan.Zero);
    private static readonly BackupHeader _header = new("cluster", "m1", 41, 6, _time);

    [Test]
    public void What_was_written_is_read([Values] bool locked)
    {
        var file = BackupCodec.Encode(_header, "state"u8, locked ? _unlock : null);
        Assert.That(BackupCodec.TryDecode(file, _unlock, out var header, out var state), Is.EqualTo(BackupStatus.Open));
        Assert.That(header, Is.EqualTo(_header));
        Assert.That(state.ToArray(), Is.EqualTo("state"u8.ToArray()));
        Assert.That(BackupCodec.IsWhole(file));
        Assert.That(BackupCodec.IsSealed(file.AsSpan(0, 16)), Is.EqualTo(locked));
        Assert.That(file.AsSpan().IndexOf("state"u8) >= 0, Is.EqualTo(!locked));
    }

    [Test]
    public void A_sealed_one_tells_whose_it_is_but_opens_with_its_key_only()
    {
        var file = BackupCodec.Encode(_header, "state"u8, _unlock);
        Assert.That(BackupCodec.TryDecode(file, null, out var header, out var state), Is.EqualTo(BackupStatus.Locked));
        Assert.That(header, Is.EqualTo(_header));
        Assert.That(state.Length, Is.Zero);
        Assert.That(BackupCodec.TryDecode(file, UnlockKey.Create(), out _, out state), Is.EqualTo(BackupStatus.WrongKey));
        Assert.That(state.Length, Is.Zero);

        // The header is authenticated too.
        file[24]++;
        SHA256.HashData(file.AsSpan(0, file.Length - 32), file.AsSpan(file.Length - 32));
        Assert.That(BackupCodec.TryDecode(file, _unlock, out _, out _), Is.EqualTo(BackupStatus.WrongKey));
    }

    [Test]
    public void Every_flipped_bit_and_every_truncation_is_noticed([Values] bool locked)
    {
        var unlock = locked ? _unlock : null;
        var file = BackupCodec.Encode(_header, "state"u8, unlock);
        for (var bit = 0; bit < file.Length * 8; bit++)
        {
            file[bit / 8] ^= (byte)(1 << (bit % 8));
            BackupStatus[] expected = bit / 8 < 8 ? [BackupStatus.NoBackup]
                : bit / 8 < 12 ? [BackupStatus.OtherVersion]
                : [BackupStatus.Damaged, BackupStatus.Truncated];
            Assert.That(expected, Does.Contain(BackupCodec.TryDecode(file, unlock, out _, out var state)), $"bit {bit} flipped");
            Assert.That(BackupCodec.IsWhole(file), Is.False);
            Assert.That(state.Length, Is.Zero);
            file[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.That(BackupCodec.TryDecode(Array.Empty<byte>(), unlock, out _, out _), Is.EqualTo(BackupStatus.NoBackup));
        for (var length = 1; length < file.Length; length++)
        {
            Assert.That(BackupCodec.TryDecode(file.AsMemory(0, length), unlock, out _, out _), Is.EqualTo(BackupStatus.Truncated), $"{length} bytes of it");
        }

        Assert.That(BackupCodec.TryDecode(file.Append((byte)0).ToArray(), unlock, out _, out _), Is.EqualTo(BackupStatus.Damaged), "one byte more");
    }

    [Test]
    public void What_cannot_be_restored_is_refused_with_a_sentence()
    {
        var file = BackupCodec.Encode(_header, "state"u8, null);
        Assert.That(Refusal("#!/bin/sh"u8.ToArray()), Does.StartWith("This is no backup of a swarm"));
        Assert.That(Refusal(file[..^1]), Does.StartWith("The backup is cut short"));
        Assert.That(Refusal([.. file[..^1], (byte)~file[^1]]), Does.StartWith("The backup is damaged"));
        Assert.That(Refusal([.. file[..8], 2, .. file[9..]]), Does.StartWith("The backup was written in another format than version 1"));
        Assert.That(Refusal(BackupCodec.Encode(_header, "state"u8, _unlock)), Does.StartWith("The backup is sealed"));
        Assert.That(Refusal(BackupCodec.Encode(_header, "state"u8, _unlock), UnlockKey.Create()), Does.StartWith("The unlock key does not open this backup"));
        Assert.That(Refusal(file), Does.StartWith("What the backup holds cannot be read"));

        var state = State();
        Assert.That(SwarmBackup.Open(Encode(state), null).Header, Is.EqualTo(_header));
        Assert.That(Refusal(Encode(state, _header with { ClusterId = "other" })), Does.StartWith("The backup contradicts itself"));
        Assert.That(Refusal(Encode(state, _header with { Index = 42 })), Does.StartWith("The backup contradicts itself"));
        Assert.That(Refusal(Encode(state, _header with { Term = 0 })), Does.StartWith("The backup contradicts itself"));
        Assert.That(Refusal(Encode(new StoreSnapshot { VersionIndex = 41 })), Does.StartWith("The backup contradicts itself"));
        Assert.That(Refusal(Encode(state, _header with { NodeId = "gone" })), Does.StartWith("The backup lacks node gone"));
        state.Clusters[0].RootCa.CaKey = ByteString.Empty;
        Assert.That(Refusal(Encode(state)), Does.StartWith("The backup lacks the key of the swarm's CA"));
    }

    [Test]
    public async Task A_store_comes_back_whole_and_sealed_when_the_swarm_is_locked([Values] bool locked)
    {
        await using var swarm = new ControlFixture();
        await swarm.CreateBasics();
        await swarm.Create(
            new Node { Id = "m1", Spec = new NodeSpec { Annotations = new Annotations() } },
            StoreFixture.Service("s1", "web"),
            StoreFixture.Task("t1", "s1", 1),
            new Secret { Id = "secret", Spec = new SecretSpec { Annotations = new Annotations { Name = "password" }, Data = ByteString.CopyFromUtf8("hush") } });
        var cluster = swarm.View.Cluster!;
        var spec = cluster.Spec.Clone();
        spec.EncryptionConfig.AutoLockManagers = locked;
        await swarm.Store.UpdateAsync(
            transaction =>
            {
                var changed = cluster.Clone();
                changed.Spec = spec;
                changed.RootCa.CaKey = ByteString.CopyFromUtf8("key");
                ClusterLock.Settle(changed, renew: false);
                transaction.Update(changed);
            },
            default);
        var view = swarm.View;
        var file = SwarmBackup.Create(view, "m1", 6, _time);
        var unlock = ClusterLock.KeyOf(view.Cluster!);
        Assert.That((unlock is not null, BackupCodec.IsSealed(file), file.AsSpan().IndexOf("hush"u8) < 0), Is.EqualTo((locked, locked, locked)));
        if (locked)
        {
            Assert.That(Refusal(file), Does.StartWith("The backup is sealed"));
        }

        var backup = SwarmBackup.Open(file, unlock);
        Assert.That(backup.Header, Is.EqualTo(new BackupHeader("cluster", "m1", view.Index, 6, _time)));
        Assert.That(backup.State, Is.EqualTo(view.ToSnapshot()));
    }

    [Test]
    public void Restored_its_manager_is_alone_and_versions_go_on()
    {
        var backup = SwarmBackup.Open(Encode(State()), null);
        Assert.That(backup.ManagerAddresses, Is.EqualTo(new[] { "10.0.0.1:2377", "10.0.0.2:2377" }));
        var status = new ManagerStatus { RaftId = 77, Addr = "10.9.9.9:2377", Leader = true, Reachability = Reachability.Reachable };
        var certificate = new Certificate { Cn = "m1", Role = NodeRole.Manager };
        var state = backup.ForSoleManager(status, certificate);
        var nodes = state.Nodes.ToDictionary(node => node.Id);
        Assert.That(state.VersionIndex, Is.EqualTo(42));
        Assert.That((nodes["m1"].Role, nodes["m1"].Spec.DesiredRole), Is.EqualTo((NodeRole.Manager, NodeRole.Manager)));
        Assert.That(nodes["m1"].ManagerStatus, Is.EqualTo(status));
        Assert.That(nodes["m1"].Certificate, Is.EqualTo(certificate));
        Assert.That(nodes["m1"].Spec.Availability, Is.EqualTo(NodeAvailability.Drain), "the rest of it stays");
        foreach (var id in new[] { "m2", "m3", "w1" })
        {
            Assert.That((nodes[id].Role, nodes[id].Spec.DesiredRole, nodes[id].ManagerStatus), Is.EqualTo((NodeRole.Worker, NodeRole.Worker, (ManagerStatus?)null)), id);
        }

        Assert.That(
            nodes.ToDictionary(pair => pair.Key, pair => pair.Value.Meta.Version.Index),
            Is.EqualTo(new Dictionary<string, ulong> { ["m1"] = 42, ["m2"] = 42, ["m3"] = 42, ["w1"] = 5 }));
        Assert.That(backup.State.Nodes[0].ManagerStatus.RaftId, Is.EqualTo(1), "the backup itself is as it was");
    }

    private static StoreSnapshot State()
    {
        var state = new StoreSnapshot { VersionIndex = 41 };
        state.Clusters.Add(new Cluster
        {
            Id = "cluster",
            Spec = ClusterBootstrap.WithDefaults(null),
            RootCa = new RootCA { CaCert = ByteString.CopyFromUtf8("cert"), CaKey = ByteString.CopyFromUtf8("key") },
        });
        state.Nodes.Add(Node("m1", NodeRole.Manager, NodeRole.Manager, 1));
        state.Nodes.Add(Node("m2", NodeRole.Manager, NodeRole.Manager, 2));
        state.Nodes.Add(Node("m3", NodeRole.Manager, NodeRole.Worker, 0));
        state.Nodes.Add(Node("w1", NodeRole.Worker, NodeRole.Worker, 0));
        state.Nodes[0].Spec.Availability = NodeAvailability.Drain;
        return state;
    }

    private static Node Node(string id, NodeRole desired, NodeRole role, ulong raftId) => new()
    {
        Id = id,
        Meta = new Meta { Version = new Protocol.Version { Index = 5 } },
        Spec = new NodeSpec { DesiredRole = desired, Annotations = new Annotations() },
        Role = role,
        ManagerStatus = raftId == 0 ? null : new ManagerStatus { RaftId = raftId, Addr = $"10.0.0.{raftId}:2377" },
    };

    private static byte[] Encode(StoreSnapshot state, BackupHeader? header = null) => BackupCodec.Encode(header ?? _header, state.ToByteArray(), null);

    private static string Refusal(byte[] file, UnlockKey? key = null) => Assert.Throws<BackupException>(() => SwarmBackup.Open(file, key))!.Message;
}
