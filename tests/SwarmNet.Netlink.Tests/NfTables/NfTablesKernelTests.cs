using System.Buffers.Binary;
using SwarmNet.Linux;

namespace SwarmNet.Netlink.NfTables;

/// <summary>What our encoders make, as nft(8) lists it.</summary>
public sealed class NfTablesKernelTests : NfTablesKernelFixture
{
    private static readonly NfTable Table = new(NfFamily.Ip, "swarm");

    [Test]
    public void Every_expression_reads_as_meant()
    {
        var batch = new NfTablesBatch();
        batch.AddTable(Table)
            .AddChain(Table, "c")
            .AddBaseChain(Table, "pre", NfChainType.Nat, NfHook.Prerouting, NfPriority.DestinationNat)
            .AddBaseChain(Table, "post", NfChainType.Nat, NfHook.Postrouting, NfPriority.SourceNat)
            .AddBaseChain(Table, "out", NfChainType.Route, NfHook.Output, NfPriority.Mangle)
            .AddBaseChain(Table, "in", NfChainType.Filter, NfHook.Input, NfPriority.Filter)
            .AddSet(Table, new NfSet { Name = "ports", Key = NfType.Concat(NfType.InetProtocol, NfType.InetService) })
            .AddSet(Table, new NfSet { Name = "jumps", Key = NfType.Ipv4Address, Data = NfType.Verdict, Size = 100 })
            .AddSet(Table, new NfSet { Name = "nets", Key = NfType.Ipv4Address, Flags = NfSetFlags.Interval })
            .AddSet(Table, new NfSet
            {
                Name = "slots",
                Key = NfType.Concat(NfType.Ipv4Address, NfType.Mark),
                Data = NfType.Concat(NfType.Ipv4Address, NfType.InetService),
            });
        batch.AddRule(Table, "pre").DestinationIsLocal().Meta(NfMetaKey.L4Protocol, NfRegister.R0).DestinationPort(NfRegister.R1)
            .InSet("ports", NfRegister.R0).Verdict(NfVerdict.Goto, "c").End();
        batch.AddRule(Table, "pre").Ipv4Destination(NfRegister.R0).Lookup("jumps", NfRegister.R0, NfRegister.Verdict).End();
        batch.AddRule(Table, "c").Ipv4Destination(NfRegister.R0).NumberGenerator(NfRegister.R1, 61, random: false)
            .Lookup("slots", NfRegister.R0, NfRegister.R0).DestinationNat(NfRegister.R0, NfRegister.R1).End();
        batch.AddRule(Table, "pre").L4ProtocolIs(6).DestinationPort(NfRegister.R0).Equal(NfRegister.R0, [0, 53])
            .Immediate(NfRegister.R0, [0, 80]).Redirect(NfRegister.R0).End();
        batch.AddRule(Table, "post").InterfaceName(NfMetaKey.OutInterfaceName, NfCompare.NotEqual, "br0")
            .Ipv4Source(NfRegister.R0).InSubnet(NfRegister.R0, NfCompare.Equal, 0xac120000, 16).Masquerade().End();
        batch.AddRule(Table, "post").ConntrackAny(NfCtKey.Status, 0x20).Immediate(NfRegister.R0, [10, 0, 0, 1]).SourceNat(NfRegister.R0).End();
        batch.AddRule(Table, "out").Conntrack(NfCtKey.Mark, NfRegister.Reg1).SetMeta(NfMetaKey.Mark, NfRegister.Reg1).End();
        batch.AddRule(Table, "out").Meta(NfMetaKey.Mark, NfRegister.Reg1).SetConntrack(NfCtKey.Mark, NfRegister.Reg1).End();
        batch.AddRule(Table, "in").ConntrackNone(NfCtKey.State, 2).Counter().Verdict(NfVerdict.Drop).End();
        batch.AddRule(Table, "in").L4ProtocolIs(6).Reject(tcpReset: true).End();
        batch.AddRule(Table, "in").L4ProtocolIs(17).Reject(tcpReset: false).End();
        batch.AddRule(Table, "in").Ipv4Source(NfRegister.R0).InSet("nets", NfRegister.R0, invert: true).Verdict(NfVerdict.Accept).End();
        batch.AddRule(Table, "c").Ipv4Source(NfRegister.R4).JenkinsHash(NfRegister.R4, 4, NfRegister.R0, 7, 1)
            .SetMeta(NfMetaKey.Mark, NfRegister.R0).Verdict(NfVerdict.Return).End();
        batch.Execute(Socket);

        string listing = Scope.Exec("nft", "list ruleset");
        foreach (string line in new[]
        {
            "fib daddr type local meta l4proto . th dport @ports goto c",
            "ip daddr vmap @jumps",
            "dnat ip to ip daddr . numgen inc mod 61 map @slots",
            "tcp dport 53 redirect to :80",
            "oifname != \"br0\" ip saddr 172.18.0.0/16 masquerade",
            "ct status dnat snat to 10.0.0.1",
            "meta mark set ct mark",
            "ct mark set meta mark",
            "counter packets 0 bytes 0 drop",
            "reject with tcp reset",
            "meta l4proto udp reject",
            "ip saddr != @nets accept",
            "meta mark set jhash ip saddr mod 7 seed 0x1 return",
            "type nat hook prerouting priority dstnat; policy accept;",
            "type nat hook postrouting priority srcnat; policy accept;",
            "type route hook output priority mangle; policy accept;",
            "type filter hook input priority filter; policy accept;",
            "type inet_proto . inet_service",
            "type ipv4_addr : verdict",
            "type ipv4_addr . mark : ipv4_addr . inet_service",
        })
        {
            Assert.That(listing, Does.Contain(line));
        }
    }

    [Test]
    public void Elements_come_and_go_in_one_transaction_and_can_be_read_back()
    {
        var batch = new NfTablesBatch();
        batch.AddTable(Table).AddChain(Table, "c")
            .AddSet(Table, new NfSet { Name = "map", Key = NfType.Concat(NfType.Ipv4Address, NfType.Mark), Data = NfType.Ipv4Address })
            .AddSet(Table, new NfSet { Name = "jumps", Key = NfType.Ipv4Address, Data = NfType.Verdict });
        NfElements elements = batch.AddElements(Table, "map");
        for (uint slot = 0; slot < 2500; slot++)
        {
            elements.Pair(Key(slot), [10, 0, 0, 1]);
        }

        elements.End();
        elements = batch.AddElements(Table, "jumps");
        elements.Verdict([10, 0, 1, 2], NfVerdict.Goto, "c");
        elements.End();
        batch.Execute(Socket);
        Assert.That(NfTablesQuery.ListElements(Socket, Table, "map"), Has.Count.EqualTo(2500));
        Assert.That(Scope.Exec("nft", "list map ip swarm jumps"), Does.Contain("10.0.1.2 : goto c"));

        batch.Clear();
        elements = batch.DeleteElements(Table, "map");
        elements.Key(Key(7));
        elements.Key(Key(8));
        elements.End();
        elements = batch.AddElements(Table, "map");
        elements.Pair(Key(7), [10, 0, 0, 9]);
        elements.End();
        batch.Execute(Socket);

        List<NfElement> listed = NfTablesQuery.ListElements(Socket, Table, "map");
        Assert.That(listed, Has.Count.EqualTo(2499));
        Assert.That(listed.Single(element => element.Key.Span.SequenceEqual(Key(7))).Data.ToArray(), Is.EqualTo(new byte[] { 10, 0, 0, 9 }));
        NfElement jump = NfTablesQuery.ListElements(Socket, Table, "jumps").Single();
        Assert.That((jump.Verdict, jump.Chain), Is.EqualTo(((NfVerdict?)NfVerdict.Goto, "c")));
    }

    [Test]
    public unsafe void A_transaction_may_be_larger_than_the_send_buffer()
    {
        int small = 32 * 1024;
        Libc.setsockopt(Socket.Descriptor, Libc.SOL_SOCKET, Libc.SO_SNDBUFFORCE, &small, sizeof(int));
        var batch = new NfTablesBatch();
        batch.AddTable(Table).AddSet(Table, new NfSet { Name = "many", Key = NfType.Ipv6Address });
        Span<byte> key = stackalloc byte[16];
        NfElements elements = batch.AddElements(Table, "many");
        for (int i = 0; i < 10_000; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(key[12..], i);
            elements.Key(key);
        }

        elements.End();
        batch.Execute(Socket);
        Assert.That(NfTablesQuery.ListElements(Socket, Table, "many"), Has.Count.EqualTo(10_000));
    }

    [Test]
    public void Ranges_of_an_interval_set_are_listed_as_prefixes()
    {
        var batch = new NfTablesBatch();
        batch.AddTable(Table).AddSet(Table, new NfSet { Name = "nets", Key = NfType.Ipv4Address, Flags = NfSetFlags.Interval });
        NfElements elements = batch.AddElements(Table, "nets");
        elements.Range([10, 1, 0, 0], [10, 2, 0, 0]);
        elements.End();
        batch.Execute(Socket);
        Assert.That(Scope.Exec("nft", "list set ip swarm nets"), Does.Contain("10.1.0.0/16"));
    }

    [Test]
    public void An_anonymous_map_lives_with_its_rule()
    {
        var batch = new NfTablesBatch();
        batch.AddTable(Table).AddBaseChain(Table, "pre", NfChainType.Nat, NfHook.Prerouting, NfPriority.DestinationNat);
        batch.AddSet(Table, new NfSet
        {
            Name = "__map%d",
            Id = 1,
            Key = NfType.Mark,
            Data = NfType.Ipv4Address,
            Flags = NfSetFlags.Anonymous | NfSetFlags.Constant,
        });
        NfElements elements = batch.AddElements(Table, "__map%d", setId: 1);
        elements.Pair(BitConverter.GetBytes(0u), [10, 0, 0, 1]);
        elements.Pair(BitConverter.GetBytes(1u), [10, 0, 0, 2]);
        elements.End();
        batch.AddRule(Table, "pre").NumberGenerator(NfRegister.R0, 2, random: true).Lookup("__map%d", NfRegister.R0, NfRegister.R0, setId: 1)
            .DestinationNat(NfRegister.R0).End();
        batch.Execute(Socket);
        Assert.That(Scope.Exec("nft", "list table ip swarm"), Does.Contain("dnat to numgen random mod 2 map { 0x00000000 : 10.0.0.1, 0x00000001 : 10.0.0.2 }"));
    }

    [Test]
    public void Replacing_a_table_leaves_nothing_of_the_old_one_and_touches_no_other()
    {
        var other = new NfTable(NfFamily.Ip, "other");
        var batch = new NfTablesBatch();
        batch.AddTable(Table).AddChain(Table, "old").AddTable(other).AddChain(other, "theirs").Execute(Socket);
        batch.Clear();
        batch.ReplaceTable(Table).AddChain(Table, "new").Execute(Socket);

        Assert.That(NfTablesQuery.ListChains(Socket, Table), Is.EqualTo(new[] { "new" }));
        Assert.That(NfTablesQuery.ListChains(Socket, other), Is.EqualTo(new[] { "theirs" }));
        Assert.That(NfTablesQuery.ListTables(Socket, NfFamily.Ip), Is.EquivalentTo(new[] { "swarm", "other" }));
        Assert.That(NfTablesQuery.TableExists(Socket, Table), Is.True);

        batch.Clear();
        batch.DeleteTable(Table).Execute(Socket);
        Assert.That(NfTablesQuery.TableExists(Socket, Table), Is.False);
    }

    [Test]
    public void A_refusal_names_the_change_and_nothing_of_the_transaction_remains()
    {
        var batch = new NfTablesBatch();
        batch.AddTable(Table).AddChain(Table, "c");
        batch.AddRule(Table, "c").InSet("missing", NfRegister.R0).End();
        batch.AddChain(Table, "d");
        NetlinkException error = Assert.Throws<NetlinkException>(() => batch.Execute(Socket))!;
        Assert.That(error.Errno, Is.EqualTo(Errno.ENOENT));
        Assert.That(error.Operation, Is.EqualTo("add rule to chain ip swarm c"));
        Assert.That(Scope.Exec("nft", "list ruleset"), Is.Empty);
    }

    private static byte[] Key(uint slot)
    {
        byte[] key = new byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(key, 0x0a000102);
        BitConverter.TryWriteBytes(key.AsSpan(4), slot);
        return key;
    }
}
