using System.Collections.Concurrent;
using System.Net;
using SwarmNet.Agent.Network;
using SwarmNet.Agent.Tasks;
using SwarmNet.Linux;
using SwarmNet.Manager.Dispatcher;
using SwarmNet.Netlink;
using SwarmNet.Netlink.NfTables;
using SwarmNet.Netlink.Route;
using SwarmNet.Netlink.Xfrm;
using SwarmNet.Testing;

namespace SwarmNet.Agent.Tests.Network;

/// <summary>A node's encrypted networks on a kernel that has ESP: what becomes of tasks, keys and announcements. In the guest's own namespace.</summary>
[GuestFixture]
public sealed class EncryptedNetworkTests
{
    private static readonly NfTable _table = new(NfFamily.Inet, "swarmnet_encryption");

    [Test]
    public async Task Tasks_keys_and_announcements_become_rules_states_and_policies_and_go_again()
    {
        using var folder = new TemporaryFolder();
        using var transforms = XfrmSocket.Open();
        using var rules = NetlinkSocket.Open(Libc.NETLINK_NETFILTER);
        var tables = new MemoryTables();
        await using (var network = EncryptedTasks.Open(folder))
        {
            await network.UseTablesAsync(tables, default);
            await network.CreateSandboxAsync(EncryptedTasks.Task("t1", "n1", isEncrypted: true), "c1", default);
            Assert.That(Vnis(), Is.EqualTo(new[] { "001001" }), "shut before there are keys");
            Assert.That(transforms.GetStates(), Is.Empty);
            using (var task = NetworkNamespace.Open(Path.Combine(folder["netns"], "task-t1")))
            using (var links = Rtnetlink.Open(task))
            {
                Assert.That(links.GetLink("eth0").Mtu, Is.EqualTo(1424));
            }

            var peer = IPAddress.Parse("192.0.2.9");
            tables.SetPeers("n1", new PeerEntry(IPAddress.Parse("10.55.1.6"), 24, MacAddress.Parse("02:42:0a:37:01:06"), peer) { Key = "e1" });
            await network.UseKeysAsync(EncryptedTasks.Keys(1), default);
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(25));
            await Eventually.UntilAsync(() => transforms.GetPolicies().Count == 1, deadline.Token);
            Assert.That(transforms.GetStates().Count(state => state.Spec.Source.Equals(peer)), Is.EqualTo(3));
            Assert.That(Sending(), Is.EqualTo(2));

            await network.UseKeysAsync(EncryptedTasks.Keys(2), default);
            Assert.That(Sending(), Is.EqualTo(3), "the middle one of the new keys");
            Assert.That(transforms.GetStates().Count(state => state.Spec.Source.Equals(peer)), Is.EqualTo(3));
            await network.UseKeysAsync(EncryptedTasks.Keys(1), default);
            Assert.That(Sending(), Is.EqualTo(3), "a list without a newer key changes nothing");
            var broken = EncryptedTasks.Keys(9);
            broken[0].Key = Google.Protobuf.ByteString.CopyFrom(new byte[15]);
            await network.UseKeysAsync(broken, default);
            Assert.That(Sending(), Is.EqualTo(3), "neither does one that cannot be used");

            var repaired = new ConcurrentQueue<NetworkFinding>();
            network.Repaired += repaired.Enqueue;
            transforms.Execute(new XfrmBatch().FlushPolicies());
            new NfTablesBatch().DeleteTable(_table).Execute(rules);
            await Eventually.UntilAsync(() => repaired.Count == 2, deadline.Token);
            Assert.That(
                repaired.Select(f => $"{f.Scope}: {f.Repair}"),
                Is.EqualTo(new[] { "encrypted networks: table inet swarmnet_encryption was missing", "encrypted networks: IPsec policy to 192.0.2.9 was missing" }),
                "at once, long before the next pass");
            Assert.That(Vnis(), Is.EqualTo(new[] { "001001" }));
            Assert.That(Sending(), Is.EqualTo(3));

            await network.RemoveSandboxAsync("t1", default);
            Assert.That(Vnis(), Is.Empty);
            Assert.That(transforms.GetStates(), Is.Empty);
            Assert.That(transforms.GetPolicies(), Is.Empty);

            await network.CreateSandboxAsync(EncryptedTasks.Task("t2", "n2", isEncrypted: true), "c2", default);
        }

        // The daemon was killed, the encrypted network is gone, a plain one has its VNI.
        NetworkNamespace.Delete(Path.Combine(folder["netns"], "task-t2"));
        NetworkNamespace.Delete(Path.Combine(folder["netns"], "net-n2"));
        Assert.That(Vnis(), Is.EqualTo(new[] { "001001" }));
        await using (var network = EncryptedTasks.Open(folder))
        {
            await network.RemoveLeftoversAsync(new HashSet<string>(), default);
            await CreateWhenFreeAsync(network, EncryptedTasks.Task("t3", "n3", isEncrypted: false));
            Assert.That(Vnis(), Is.Empty);
            await network.ResetAsync(default);
            Assert.That(NfTablesQuery.TableExists(rules, _table), Is.False);
        }

        IEnumerable<string> Vnis() => NfTablesQuery.ListElements(rules, _table, "vnis").Select(element => Convert.ToHexString(element.Key.Span));

        // The first byte of a key is its Lamport time here.
        int Sending()
        {
            var spi = transforms.GetPolicies()[0].Templates[0].Spi;
            return transforms.GetStates().Single(state => state.Spec.Spi == spi && state.Spec.Source.Equals(IPAddress.Loopback)).Spec.Aead.Key.Span[0];
        }
    }

    /// <summary>The links of a namespace that is gone are removed in the background, and their VNI with them.</summary>
    private static async Task CreateWhenFreeAsync(NodeNetwork network, SwarmTask task)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (true)
        {
            try
            {
                await network.CreateSandboxAsync(task, "c3", deadline.Token);
                return;
            }
            catch (TaskException e) when (e.Message.Contains("already in use", StringComparison.Ordinal))
            {
                await Task.Delay(20, deadline.Token);
            }
        }
    }
}
