using System.Net;
using System.Net.Sockets;
using SwarmNet.Linux;
using SwarmNet.Netlink;
using SwarmNet.Netlink.NfTables;
using SwarmNet.Netlink.Xfrm;
using SwarmNet.Overlay.Kernel;
using SwarmNet.Overlay.Repairs;
using SwarmNet.Testing;

namespace SwarmNet.Overlay.Encryption;

/// <summary>Hosts with encrypted and plain networks, on a kernel that has ESP; the wire between them is listened to.</summary>
[GuestFixture]
public sealed class EncryptedNetworkTests
{
    private const uint Secret = EncryptedHost.Secret;
    private const uint Plain = EncryptedHost.Plain;
    private EncryptionLab _lab = null!;

    [SetUp]
    public void Build() => _lab = new EncryptionLab();

    [TearDown]
    public void Remove() => _lab.Dispose();

    [Test]
    public async Task Tasks_of_three_hosts_talk_and_the_wire_shows_ESP_alone_while_a_plain_network_beside_it_is_plain()
    {
        EncryptedHost[] hosts = _lab.AddReady(3);
        foreach (EncryptedHost from in hosts)
        {
            foreach (EncryptedHost to in hosts)
            {
                Assert.That(await TestNet.AskTcp(from.Task, to.SecretIp, 80), Is.EqualTo($"task{to.Number} {from.SecretIp}"));
            }
        }

        Assert.That(_lab.Tap.Drain().Clear, Is.Empty);
        Assert.That(_lab.Tap.Esp, Is.GreaterThan(20));
        // Sent with the first key alone, in each direction of each pair.
        Assert.That(_lab.Tap.Spis, Has.Count.EqualTo(6));

        Assert.That(await TestNet.AskTcp(hosts[0].Task, hosts[1].PlainIp, 80), Is.EqualTo($"task2 {hosts[0].PlainIp}"));
        Assert.That(_lab.Tap.Drain().Clear.Keys, Is.EqualTo(new[] { Plain }));
        Assert.That(hosts[0].Encryption.Dropped, Is.EqualTo((1ul, 1ul)), "the self-test's own packets, and no others");
    }

    [Test]
    public async Task The_largest_packets_cross_in_one_piece()
    {
        EncryptedHost[] hosts = _lab.AddReady(2);
        Socket receiver = _lab.Listen(hosts[1]);
        using Socket sender = TestNet.OpenSocket(hosts[0].Task, SocketType.Dgram);
        sender.DontFragment = true;
        byte[] payload = new byte[1424 - 28];
        sender.SendTo(payload, new IPEndPoint(IPAddress.Parse(hosts[1].SecretIp), 53));
        await EncryptionLab.Until(() => receiver.Available == payload.Length, () => "the datagram did not arrive");
        Assert.That(_lab.Tap.Drain().Longest, Is.EqualTo(1500));
        Assert.That(_lab.Tap.Fragments, Is.Zero);
    }

    [Test]
    public async Task States_and_policies_are_those_of_a_stock_engine()
    {
        EncryptedHost[] hosts = _lab.AddReady(2);
        IReadOnlyList<TunnelKey> keys = EncryptionLab.Keys(1);
        uint send = TunnelSpi.Of(IPAddress.Parse("10.99.0.1"), IPAddress.Parse("10.99.0.2"), keys[0].Tag);
        string states = await Task.Run(() => TestNet.ExecPath(hosts[0].Namespace.Path, "ip xfrm state"));
        Assert.That(states.Split('\n').Count(line => line.StartsWith("src ", StringComparison.Ordinal)), Is.EqualTo(4));
        Assert.That(states, Does.Contain($"src 10.99.0.1 dst 10.99.0.2\n\tproto esp spi 0x{send:x8} reqid 13681891 mode transport\n\treplay-window 0"));
        Assert.That(states, Does.Contain($"aead rfc4106(gcm(aes)) 0x{Convert.ToHexStringLower(keys[0].Secret)}{send:x8} 64"));
        foreach (TunnelKey key in keys)
        {
            uint receive = TunnelSpi.Of(IPAddress.Parse("10.99.0.2"), IPAddress.Parse("10.99.0.1"), key.Tag);
            Assert.That(states, Does.Contain($"src 10.99.0.2 dst 10.99.0.1\n\tproto esp spi 0x{receive:x8} "));
        }

        string policies = await Task.Run(() => TestNet.ExecPath(hosts[0].Namespace.Path, "ip xfrm policy"));
        Assert.That(policies, Does.StartWith("src 10.99.0.1/32 dst 10.99.0.2/32 proto udp dport 4789"));
        Assert.That(policies, Does.Contain("dir out").And.Contain("mark 0xd0c4e3/0xffffffff")
            .And.Contain($"tmpl src 10.99.0.1 dst 10.99.0.2\n\t\tproto esp spi 0x{send:x8} reqid 13681891 mode transport"));
    }

    /// <summary>CVE-2023-28840 and 28842: whoever reaches a host can put frames into its encrypted networks.</summary>
    [Test]
    public async Task Forged_clear_text_is_dropped_whoever_sends_it()
    {
        EncryptedHost[] hosts = _lab.AddReady(2);
        NetworkNamespace stranger = _lab.AddHost("stranger", "10.99.0.50");
        Socket task = _lab.Listen(hosts[1]);

        // The same packet for the plain network arrives, so that the others could have.
        ForgedFrame.Send(stranger, "10.99.0.50", hosts[1].Ip, Plain, hosts[1].PlainIp, 53);
        ForgedFrame.Send(stranger, "10.99.0.50", hosts[1].Ip, Plain, hosts[1].PlainIp, 53, fragmentBytes: 8);
        int arrived = 0;
        await EncryptionLab.Until(() => (arrived += Received(task).Count) == 2, () => "the test cannot forge");

        ulong before = hosts[1].Encryption.Dropped.In;
        ForgedFrame.Send(stranger, "10.99.0.50", hosts[1].Ip, Secret, hosts[1].SecretIp, 53);
        ForgedFrame.Send(stranger, "10.99.0.50", hosts[1].Ip, Secret, hosts[1].SecretIp, 53, fragmentBytes: 8);
        ForgedFrame.Send(stranger, hosts[0].Ip, hosts[1].Ip, Secret, hosts[1].SecretIp, 53);
        await EncryptionLab.Until(() => hosts[1].Encryption.Dropped.In == before + 3, () => "not dropped by the rules");
        Assert.That(await TestNet.AskTcp(hosts[0].Task, hosts[1].SecretIp, 80), Does.StartWith("task2"));
        Assert.That(Received(task), Is.Empty);
    }

    /// <summary>CVE-2023-28841: while the encryption is not (yet) there, frames leave as they are.</summary>
    [Test]
    public async Task Nothing_leaves_in_clear_text_before_there_are_keys_and_peers_or_after_they_are_lost()
    {
        EncryptedHost[] hosts = [_lab.Add(1), _lab.Add(2)];
        foreach (EncryptedHost host in hosts)
        {
            host.OpenSecret();
            host.OpenPlain();
        }

        hosts[0].SetForwarding(hosts[1]);
        hosts[1].SetForwarding(hosts[0]);
        await MustNotLeave("without keys and peers");

        hosts[0].Encryption.SetKeys(EncryptionLab.Keys(1));
        await MustNotLeave("without peers");

        hosts[0].SetPeers(hosts[1]);
        hosts[1].Encryption.SetKeys(EncryptionLab.Keys(1));
        hosts[1].SetPeers(hosts[0]);
        Assert.That(await TestNet.AskTcp(hosts[0].Task, hosts[1].SecretIp, 80), Does.StartWith("task2"));

        using XfrmSocket transforms = XfrmSocket.Open(hosts[0].Namespace);
        transforms.Execute(new XfrmBatch().FlushStates());
        hosts[0].Shout(hosts[1].SecretIp);
        transforms.Execute(new XfrmBatch().FlushPolicies());
        await MustNotLeave("without states and policies");

        Assert.That(await TestNet.AskTcp(hosts[0].Task, hosts[1].PlainIp, 80), Does.StartWith("task2"), "the plain network is not concerned");
        hosts[0].CloseSecret();
        Assert.That(_lab.Tap.Drain().Clear.Keys, Is.EqualTo(new[] { Plain }));

        async Task MustNotLeave(string when)
        {
            ulong before = hosts[0].Encryption.Dropped.Out;
            hosts[0].Shout(hosts[1].SecretIp);
            await EncryptionLab.Until(() => hosts[0].Encryption.Dropped.Out > before, () => $"not dropped {when}");
            Assert.That(_lab.Tap.Drain().Clear, Does.Not.ContainKey(Secret), when);
        }
    }

    [Test]
    public async Task Flushed_rules_of_the_host_let_nothing_leave_in_clear_text()
    {
        EncryptedHost[] hosts = _lab.AddReady(2);
        using NetlinkSocket rules = NetlinkSocket.Open(Libc.NETLINK_NETFILTER, hosts[0].Namespace);
        new NfTablesBatch().DeleteTable(ClearTextRules.Table).Execute(rules);
        Assert.That(await TestNet.AskTcp(hosts[0].Task, hosts[1].SecretIp, 80), Does.StartWith("task2"));
        Assert.That(_lab.Tap.Drain().Clear, Is.Empty);
        Assert.That(_lab.Tap.Esp, Is.Positive);
        Assert.That(hosts[0].Encryption.Repair(), Has.Count.EqualTo(1));
        Assert.That(await TestNet.AskTcp(hosts[0].Task, hosts[1].SecretIp, 80), Does.StartWith("task2"));
    }

    [Test]
    public async Task Flushed_rules_of_the_host_let_nothing_in_once_the_watch_has_put_them_back()
    {
        EncryptedHost[] hosts = _lab.AddReady(2);
        NetworkNamespace stranger = _lab.AddHost("stranger", "10.99.0.50");
        Socket task = _lab.Listen(hosts[1]);
        int repairs = 0;
        await using HostWatch watch = HostWatch.Start(hosts[1].Namespace, (tables, _) =>
        {
            Interlocked.Add(ref repairs, tables.Contains(TunnelEncryption.TableName) ? hosts[1].Encryption.Repair().Count : 0);
            return Task.CompletedTask;
        });
        using NetlinkSocket rules = NetlinkSocket.Open(Libc.NETLINK_NETFILTER, hosts[1].Namespace);
        new NfTablesBatch().DeleteTable(ClearTextRules.Table).Execute(rules);
        await EncryptionLab.Until(() => Volatile.Read(ref repairs) == 1, () => "the rules are not put back");
        ForgedFrame.Send(stranger, "10.99.0.50", hosts[1].Ip, Secret, hosts[1].SecretIp, 53);
        await EncryptionLab.Until(() => hosts[1].Encryption.Dropped.In == 1, () => "clear text is not dropped");
        Assert.That(Received(task), Is.Empty);
    }

    [Test]
    public async Task Keys_rotate_under_a_stream_without_a_loss()
    {
        EncryptedHost[] hosts = _lab.AddReady(2);
        Socket receiver = _lab.Listen(hosts[1]);
        receiver.ReceiveBufferSize = 4 << 20;
        using Socket sender = TestNet.OpenSocket(hosts[0].Task, SocketType.Dgram);
        var to = new IPEndPoint(IPAddress.Parse(hosts[1].SecretIp), 53);
        using var stop = new CancellationTokenSource();
        int received = 0;
        int sent = 0;
        Task stream = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                // Fewer than any queue on the way holds: what is missing later was lost by the encryption.
                if (sent - Volatile.Read(ref received) < 64)
                {
                    sender.SendTo(BitConverter.GetBytes(sent++), to);
                }
                else
                {
                    Thread.Yield();
                }
            }
        });
        for (int generation = 2; generation <= 5; generation++)
        {
            hosts[generation % 2].Encryption.SetKeys(EncryptionLab.Keys(generation));
            await MoreAsync(100);
            hosts[1 - (generation % 2)].Encryption.SetKeys(EncryptionLab.Keys(generation));
            await MoreAsync(100);
        }

        await stop.CancelAsync();
        await stream;
        await MoreAsync(sent - received);
        Assert.That(received, Is.EqualTo(sent));
        Assert.That(_lab.Tap.Drain().Clear, Is.Empty);
        Assert.That(_lab.Tap.Spis, Has.Count.GreaterThanOrEqualTo(5), "every key had its turn");
        using XfrmSocket transforms = XfrmSocket.Open(hosts[0].Namespace);
        Assert.That(
            transforms.GetStates().Count(state => state.Spec.Destination.Equals(IPAddress.Parse(hosts[0].Ip))), Is.EqualTo(3), "old keys are not accepted any more");

        async Task MoreAsync(int count)
        {
            int enough = received + count;
            await EncryptionLab.Until(
                () => Interlocked.Add(ref received, Received(receiver).Count) >= enough, () => $"the stream stopped: {sent} were sent, {received} arrived");
        }
    }

    [Test]
    public async Task What_is_removed_or_altered_by_hand_is_restored_and_reported()
    {
        EncryptedHost[] hosts = _lab.AddReady(2);
        TunnelEncryption encryption = hosts[0].Encryption;
        Assert.That(encryption.Repair(), Is.Empty);

        using NetlinkSocket rules = NetlinkSocket.Open(Libc.NETLINK_NETFILTER, hosts[0].Namespace);
        NfTable table = ClearTextRules.Table;
        new NfTablesBatch().FlushChain(table, "postrouting").Execute(rules);
        Assert.That(encryption.Repair(), Is.EqualTo(new[] { new Repair("rules of chain postrouting of table inet swarmnet_encryption", "was altered") }));
        new NfTablesBatch().FlushSet(table, ClearTextRules.Vnis).Execute(rules);
        Assert.That(encryption.Repair().Single().ToString(), Is.EqualTo("VNI 4097 in set vnis of table inet swarmnet_encryption was missing"));
        new NfTablesBatch().DeleteTable(table).Execute(rules);
        Assert.That(encryption.Repair()[0].ToString(), Is.EqualTo("table inet swarmnet_encryption was missing"));
        TestNet.ExecPath(Path.Combine(_lab.Net.Folder, "host1-secret"), "nft flush ruleset");
        Assert.That(encryption.Repair().Single().ToString(), Is.EqualTo("table bridge swarmnet_encryption was missing or altered"));

        using XfrmSocket transforms = XfrmSocket.Open(hosts[0].Namespace);
        XfrmPolicySpec policy = transforms.GetPolicies().Single();
        transforms.Execute(new XfrmBatch().ReplacePolicy(policy with { Templates = [policy.Templates[0] with { Optional = true }] }));
        Assert.That(encryption.Repair().Single().ToString(), Is.EqualTo("IPsec policy to 10.99.0.2 was altered"));
        transforms.Execute(new XfrmBatch().FlushPolicies().FlushStates());
        Assert.That(encryption.Repair(inspectOnly: true), Has.Count.EqualTo(5));
        Assert.That(encryption.Repair(), Has.Count.EqualTo(5).And.All.Property(nameof(Repair.Difference)).EqualTo("was missing"));
        XfrmStateSpec state = transforms.GetStates()[0].Spec;
        byte[] wrong = new byte[20];
        wrong[3] = 1;
        transforms.Execute(new XfrmBatch().DeleteState(state.Id).AddState(state with { Aead = new XfrmAead(XfrmAead.AesGcm, wrong, 64) }));
        Assert.That(encryption.Repair().Single().Difference, Is.EqualTo("was altered"));

        Assert.That(encryption.Repair(), Is.Empty);
        Assert.That(await TestNet.AskTcp(hosts[0].Task, hosts[1].SecretIp, 80), Does.StartWith("task2"));
        Assert.That(_lab.Tap.Drain().Clear, Is.Empty);
    }

    [Test]
    public async Task A_new_process_goes_on_without_a_change_and_a_released_network_is_plain_again()
    {
        EncryptedHost[] hosts = _lab.AddReady(2);
        using XfrmSocket transforms = XfrmSocket.Open(hosts[0].Namespace);
        IReadOnlyList<XfrmStateEntry> before = transforms.GetStates();
        hosts[0].Restart();
        Assert.That(await TestNet.AskTcp(hosts[0].Task, hosts[1].SecretIp, 80), Does.StartWith("task2"), "before the new process has done anything");
        hosts[0].Encryption.Protect(Secret);
        hosts[0].Encryption.SetKeys(EncryptionLab.Keys(1));
        Assert.That(await TestNet.AskTcp(hosts[0].Task, hosts[1].SecretIp, 80), Does.StartWith("task2"), "before it knows the peers");
        Assert.That(hosts[0].Encryption.SetPeers(Secret, [IPAddress.Parse(hosts[1].Ip)]), Is.Zero);
        Assert.That(transforms.GetStates().Select(state => state.Spec), Is.EquivalentTo(before.Select(state => state.Spec)));
        Assert.That(hosts[0].Encryption.Repair(), Is.Empty);

        hosts[0].Restart();
        hosts[0].Encryption.SetKeys(EncryptionLab.Keys(1));
        hosts[0].Encryption.Protect(77);
        hosts[0].Encryption.Repair();
        Assert.That(await TestNet.AskTcp(hosts[0].Task, hosts[1].SecretIp, 80), Does.StartWith("task2"), "a network that is not taken up yet keeps its peers");

        hosts[0].CloseSecret();
        hosts[0].Encryption.Release(77);
        hosts[0].Encryption.Delete();
        Assert.That(transforms.GetStates(), Is.Empty);
        Assert.That(transforms.GetPolicies(), Is.Empty);
        using NetlinkSocket rules = NetlinkSocket.Open(Libc.NETLINK_NETFILTER, hosts[0].Namespace);
        Assert.That(NfTablesQuery.ListTables(rules, NfFamily.Inet), Is.Empty);
    }

    [Test]
    public void A_network_whose_clear_text_cannot_be_shown_to_be_dropped_is_refused()
    {
        EncryptedHost host = _lab.Add(1);
        using NetlinkSocket rules = NetlinkSocket.Open(Libc.NETLINK_NETFILTER, host.Namespace);
        var table = new NfTable(NfFamily.Ip, "firewall");
        var batch = new NfTablesBatch();
        batch.AddTable(table).AddBaseChain(table, "in", NfChainType.Filter, NfHook.Prerouting, NfPriority.Raw);
        batch.AddRule(table, "in").L4ProtocolIs(17).Verdict(NfVerdict.Drop).End();
        batch.Execute(rules);
        OverlayException refusal = Assert.Throws<OverlayException>(host.OpenSecret)!;
        Assert.That(refusal.Message, Does.StartWith("the self-test of encryption failed: clear text of VNI 4097 is not dropped where it arrives"));
        Assert.That(NfTablesQuery.ListElements(rules, ClearTextRules.Table, ClearTextRules.Vnis), Is.Empty);
        Assert.That(File.Exists(Path.Combine(_lab.Net.Folder, "host1-secret")), Is.False);
        new NfTablesBatch().DeleteTable(table).Execute(rules);
        Assert.That(host.OpenSecret, Throws.Nothing);
    }

    private static List<string> Received(Socket socket)
    {
        var all = new List<string>();
        byte[] buffer = new byte[2048];
        while (socket.Available > 0)
        {
            int length = socket.Receive(buffer);
            all.Add(System.Text.Encoding.ASCII.GetString(buffer, 0, length));
        }

        return all;
    }
}
