using SwarmNet.Linux;

namespace SwarmNet.Netlink.NfTables;

/// <summary>Chains of devices, objects, ranges, timeouts, and the less usual expressions, as nft(8) lists what our encoders make.</summary>
public sealed class NfTablesStatementKernelTests : NfTablesKernelFixture
{
    private static readonly NfTable Table = new(NfFamily.Ip, "t");
    private static readonly NfTable Inet = new(NfFamily.Inet, "i");

    [Test]
    public void A_flow_gets_its_timeouts_from_an_object_by_name_or_by_map()
    {
        var batch = new NfTablesBatch();
        batch.AddTable(Table)
            .AddObject(Table, new NfObject.CtTimeout("long", NfFamily.Ip, 6) { Seconds = [(NfCtTimeoutState.TcpEstablished, 777_000), (NfCtTimeoutState.TcpClose, 9)] })
            .AddObject(Table, new NfObject.CtTimeout("chat", NfFamily.Ip, 17) { Seconds = [(NfCtTimeoutState.UdpUnreplied, 3600), (NfCtTimeoutState.UdpReplied, 7200)] })
            .AddBaseChain(Table, "pre", NfChainType.Filter, NfHook.Output, NfPriority.Mangle)
            .AddSet(Table, new NfSet { Name = "timeouts", Key = NfType.InetService, Object = NfObjectType.CtTimeout });
        NfElements elements = batch.AddElements(Table, "timeouts");
        elements.Object([0x1f, 0x90], "chat");
        elements.End();
        batch.AddRule(Table, "pre").L4ProtocolIs(6).DestinationPort(NfRegister.R0).Equal(NfRegister.R0, [0, 80]).Object(NfObjectType.CtTimeout, "long").End();
        batch.AddRule(Table, "pre").L4ProtocolIs(17).DestinationPort(NfRegister.R0).ObjectOf("timeouts", NfRegister.R0).End();
        batch.Execute(Socket);

        Assert.That(Scope.Exec("nft", "list chain ip t pre"), Does.Contain("tcp dport 80 ct timeout set \"long\""));
        Assert.That(Scope.Exec("nft", "list ct timeout ip t long"), Does.Contain("protocol tcp").And.Contain("established : 777000").And.Contain("close : 9"));

        // Not only listed: without the object an unanswered UDP flow lives 30 seconds.
        Scope.Exec("bash", "-c \"exec 3<>/dev/udp/127.0.0.1/8080; echo x >&3\"");
        Assert.That(Scope.Exec("conntrack", "-L -p udp --dport 8080"), Does.Match("udp +17 3[56][0-9][0-9] src=127.0.0.1"));
    }

    [Test]
    public void Device_chains_write_the_frame()
    {
        var table = new NfTable(NfFamily.NetDev, "dev");
        Scope.Exec("ip", "link add veth0 type veth peer name veth1");
        var batch = new NfTablesBatch();
        batch.AddTable(table)
            .AddBaseChain(table, new NfBaseChain { Name = "eg", Hook = NfHook.Egress, Devices = ["veth0"] })
            .AddBaseChain(table, new NfBaseChain { Name = "ing", Hook = NfHook.Ingress, Devices = ["veth0", "veth1"], Priority = -5, Policy = NfVerdict.Drop })
            .AddSet(table, new NfSet { Name = "nodes", Key = NfType.Mark, Data = NfType.EtherAddress })
            .AddTable(Inet)
            .AddBaseChain(Inet, new NfBaseChain { Name = "ing", Hook = NfHook.Ingress, Devices = ["lo"], Comment = "early" });
        NfElements elements = batch.AddElements(table, "nodes");
        elements.Pair(BitConverter.GetBytes(7), [2, 0, 0, 0, 0, 7]);
        elements.End();
        batch.AddRule(table, "eg").Meta(NfMetaKey.Protocol, NfRegister.R0).Equal(NfRegister.R0, [8, 0])
            .Meta(NfMetaKey.Mark, NfRegister.R0).Compare(NfRegister.R0, NfCompare.NotEqual, new byte[4])
            .Meta(NfMetaKey.Mark, NfRegister.R0).Lookup("nodes", NfRegister.R0, NfRegister.R0).SetEtherDestination(NfRegister.R0).End("to the node");
        batch.Execute(Socket);

        string listing = Scope.Exec("nft", "list ruleset");
        Assert.That(listing, Does.Contain("type filter hook egress device \"veth0\" priority filter; policy accept;"));
        Assert.That(listing, Does.Contain("type filter hook ingress devices = { veth0, veth1 } priority filter - 5; policy drop;"));
        Assert.That(listing, Does.Contain("@ll,0,48 set meta mark map @nodes comment \"to the node\""));
        Assert.That(listing, Does.Contain("0x00000007 : 02:00:00:00:00:07"), "numbers in host order are marked as such");
        Assert.That(listing, Does.Contain("type filter hook ingress device \"lo\" priority filter; policy accept;").And.Contain("comment \"early\""));
    }

    [Test]
    public void Ranges_in_one_and_in_several_parts()
    {
        var batch = new NfTablesBatch();
        batch.AddTable(Table).AddChain(Table, "c")
            .AddSet(Table, new NfSet { Name = "ports", Key = NfType.InetService, Data = NfType.Verdict, Flags = NfSetFlags.Interval })
            .AddSet(Table, new NfSet { Name = "targets", Key = NfType.InetService, Data = NfType.Ipv4Address, Flags = NfSetFlags.Interval })
            .AddSet(Table, new NfSet
            {
                Name = "pairs",
                Key = NfType.Concat(NfType.Ipv4Address, NfType.InetService),
                Data = NfType.Verdict,
                Flags = NfSetFlags.Interval,
                ConcatLengths = [4, 2],
            });
        NfElements elements = batch.AddElements(Table, "ports");
        elements.RangeVerdict([0x1f, 0x40], [0x23, 0x29], NfVerdict.Goto, "c");
        elements.End();
        elements = batch.AddElements(Table, "targets");
        elements.RangePair([0, 80], [0, 91], [10, 0, 0, 1]);
        elements.End();
        elements = batch.AddElements(Table, "pairs");
        elements.ConcatRangeVerdict([10, 0, 0, 0, 0, 80, 0, 0], [10, 0, 0, 255, 0, 90, 0, 0], NfVerdict.Jump, "c");
        elements.End();
        batch.Execute(Socket);

        string listing = Scope.Exec("nft", "list ruleset");
        Assert.That(listing, Does.Contain("8000-9000 : goto c"));
        Assert.That(listing, Does.Contain("80-90 : 10.0.0.1"));
        Assert.That(listing, Does.Contain("10.0.0.0/24 . 80-90 : jump c"));
    }

    [Test]
    public void Elements_carry_timeouts_comments_and_counters()
    {
        var batch = new NfTablesBatch();
        batch.AddTable(Table)
            .AddSet(Table, new NfSet
            {
                Name = "s",
                Key = NfType.Ipv4Address,
                Flags = NfSetFlags.Timeout,
                Timeout = TimeSpan.FromMinutes(2),
                Expressions = [new NfExpression.Counter()],
                Comment = "who was here",
            })
            .AddSet(Table, new NfSet { Name = "m", Key = NfType.Ipv4Address, Data = NfType.Ipv4Address });
        NfElements elements = batch.AddElements(Table, "s");
        elements.Element(new NfElementSpec { Key = [10, 0, 0, 1], TimeoutMs = 30_000, Comment = "first" });
        elements.Key([10, 0, 0, 2]);
        elements.End();
        elements = batch.AddElements(Table, "m");
        elements.Element(new NfElementSpec { CatchAll = true, Data = [1, 2, 3, 4] });
        elements.End();
        batch.Execute(Socket);

        string listing = Scope.Exec("nft", "list ruleset");
        Assert.That(listing, Does.Contain("timeout 2m").And.Contain("comment \"who was here\""));
        Assert.That(listing, Does.Match("10\\.0\\.0\\.1 counter packets 0 bytes 0 timeout 30s expires \\S+ comment \"first\""));
        Assert.That(listing, Does.Match("10\\.0\\.0\\.2 counter packets 0 bytes 0 expires"));
        Assert.That(listing, Does.Contain("* : 1.2.3.4"));
    }

    [Test]
    public void Every_statement_reads_as_meant()
    {
        EveryStatement(Inet).Execute(Socket);

        string listing = Scope.Exec("nft", "list ruleset");
        Assert.Multiple(() =>
        {
            foreach (string line in new[]
            {
                "udp dport 4789 @th,96,24 0x1001 meta mark set 0x00000003 comment \"vni\"",
                "update @seen { ip saddr timeout 10s limit rate 10/second }",
                "meta ipsec exists accept",
                "ipsec in reqid 1 accept",
                "tcp flags syn tcp option maxseg size set rt mtu",
                "notrack",
                "log prefix \"x: \" level info",
                "log group 3 snaplen 64",
                "limit rate over 10/second burst 7 packets drop",
                "quota over 10 mbytes drop",
                "meta mark set symhash mod 8",
                "ip daddr != 10.0.0.0-10.0.0.5 drop",
                "ct original ip saddr 1.2.3.4 drop",
                "ct zone set 5",
                "reject",
                "counter name \"count\"",
                "quota name \"much\"",
                "limit name \"often\"",
                "ct count over 20 drop",
                "ip saddr set 1.2.3.4",
                "ct mark set meta mark",
                "meta mark set ct mark",
                "fib saddr . iif oif missing drop",
                "dnat ip to 10.0.0.1:100-110 persistent",
                "redirect to :80-90",
                "masquerade to :1000-2000 random",
                "tproxy ip to :80",
                "comment \"ours\"",
                "comment \"a chain\"",
                "comment \"an object\"",
                "limit often {",
                "meta mark set meta mark << 8",
            })
            {
                Assert.That(listing, Does.Contain(line));
            }
        });
    }

    [Test]
    public void A_rule_is_put_anywhere_replaced_and_deleted()
    {
        var batch = new NfTablesBatch();
        batch.AddTable(Table).AddChain(Table, "c");
        batch.AddRule(Table, "c").Counter().End("two");
        batch.AddRule(Table, "c").Counter().End("four");
        batch.InsertRule(Table, "c").Counter().End("one");
        batch.Execute(Socket);
        ulong two = Handle("two");
        batch.Clear();
        batch.AddRuleAfter(Table, "c", two).Counter().End("three");
        batch.InsertRuleBefore(Table, "c", two).Counter().End("one and a half");
        batch.ReplaceRule(Table, "c", Handle("four")).Counter().Verdict(NfVerdict.Drop).End("last");
        batch.DeleteRule(Table, "c", Handle("one"));
        batch.Execute(Socket);
        string listing = Scope.Exec("nft", "list chain ip t c");
        Assert.That(System.Text.RegularExpressions.Regex.Matches(listing, "comment \"([^\"]*)\"").Select(m => m.Groups[1].Value),
            Is.EqualTo(new[] { "one and a half", "two", "three", "last" }));

        ulong Handle(string comment) => ulong.Parse(System.Text.RegularExpressions.Regex.Match(Scope.Exec("nft", "-a list chain ip t c"), $"\"{comment}\" # handle (\\d+)").Groups[1].Value);
    }

    [Test]
    public void A_transaction_of_an_older_generation_is_refused()
    {
        uint generation = NfTablesQuery.GetGeneration(Socket);
        new NfTablesBatch().RequireGeneration(generation).AddTable(Table).Execute(Socket);
        Assert.That(NfTablesQuery.GetGeneration(Socket), Is.Not.EqualTo(generation));
        NetlinkException error = Assert.Throws<NetlinkException>(() => new NfTablesBatch().RequireGeneration(generation).AddChain(Table, "late").Execute(Socket))!;
        Assert.That(error.Errno, Is.EqualTo(Errno.ERESTART));
        Assert.That(Scope.Exec("nft", "list ruleset"), Does.Not.Contain("late"));
    }

    [Test]
    public void A_dormant_table_and_one_that_goes_with_its_owner()
    {
        using (NetlinkSocket owner = NetlinkSocket.Open(Libc.NETLINK_NETFILTER, Scope.Namespace))
        {
            new NfTablesBatch().AddTable(Table, NfTableFlags.Dormant).AddTable(Inet, NfTableFlags.Owner).Execute(owner);
            Assert.That(Scope.Exec("nft", "list ruleset"), Does.Contain("flags dormant").And.Contain("flags owner"));
            Assert.Throws<NetlinkException>(() => new NfTablesBatch().AddChain(Inet, "c").Execute(Socket));
        }

        Assert.That(NfTablesQuery.TableExists(Socket, Inet), Is.False);
        Assert.That(NfTablesQuery.TableExists(Socket, Table), Is.True);
    }

    /// <summary>A table with all kinds of chains, sets, objects and expressions.</summary>
    internal static NfTablesBatch EveryStatement(NfTable inet)
    {
        var batch = new NfTablesBatch();
        batch.AddTable(inet, comment: "ours")
            .AddChain(inet, "c", "a chain")
            .AddSet(inet, new NfSet { Name = "seen", Key = NfType.Ipv4Address, Flags = NfSetFlags.Eval | NfSetFlags.Timeout, Timeout = TimeSpan.FromMinutes(1), Size = 100 })
            .AddObject(inet, new NfObject.Counter("count"), "an object")
            .AddObject(inet, new NfObject.Quota("much", new NfQuota(10_485_760, Over: true)))
            .AddObject(inet, new NfObject.Limit("often", new NfLimit(10) { Burst = 5 }))
            .AddBaseChain(inet, "nat", NfChainType.Nat, NfHook.Prerouting, NfPriority.DestinationNat)
            .AddBaseChain(inet, "snat", NfChainType.Nat, NfHook.Postrouting, NfPriority.SourceNat);
        NfRule Rule() => batch.AddRule(inet, "c");
        Rule().L4ProtocolIs(17).DestinationPort(NfRegister.R0).Equal(NfRegister.R0, [0x12, 0xb5])
            .Payload(NfPayloadBase.Transport, 12, 3, NfRegister.R0).Equal(NfRegister.R0, [0, 0x10, 1]).Immediate(NfRegister.R0, BitConverter.GetBytes(3)).SetMeta(NfMetaKey.Mark, NfRegister.R0).End("vni");
        Rule().Meta(NfMetaKey.NfProtocol, NfRegister.R0).Equal(NfRegister.R0, [2]).Ipv4Source(NfRegister.R0)
            .DynamicSet(NfDynamicSetOperation.Update, "seen", NfRegister.R0, timeoutMs: 10_000, expressions: [new NfExpression.Limit(new NfLimit(10) { Burst = 5 })]).End();
        Rule().FromIpsec(true).Verdict(NfVerdict.Accept).End();
        Rule().Transformation(NfXfrmKey.RequestId, outgoing: false, NfRegister.R0).Equal(NfRegister.R0, BitConverter.GetBytes(1)).Verdict(NfVerdict.Accept).End();
        Rule().L4ProtocolIs(6).Payload(NfPayloadBase.Transport, 13, 1, NfRegister.R0).Bitwise(NfRegister.R0, NfRegister.R0, [2], [0])
            .Compare(NfRegister.R0, NfCompare.NotEqual, [0]).ClampSegmentSize().End();
        Rule().NoTrack().End();
        Rule().Log(new NfLog { Prefix = "x: ", Level = 6 }).End();
        Rule().Log(new NfLog { Group = 3, SnapLength = 64 }).End();
        Rule().Limit(new NfLimit(10) { Burst = 7, Over = true }).Verdict(NfVerdict.Drop).End();
        Rule().Quota(new NfQuota(10_485_760, Over: true)).Verdict(NfVerdict.Drop).End();
        Rule().SymmetricHash(NfRegister.R0, 8).SetMeta(NfMetaKey.Mark, NfRegister.R0).End();
        Rule().Meta(NfMetaKey.NfProtocol, NfRegister.R0).Equal(NfRegister.R0, [2]).Ipv4Destination(NfRegister.R0).Range(NfRegister.R0, [10, 0, 0, 0], [10, 0, 0, 5], invert: true).Verdict(NfVerdict.Drop).End();
        Rule().Conntrack(NfCtKey.SourceIpv4, NfRegister.R0, NfCtDirection.Original).Equal(NfRegister.R0, [1, 2, 3, 4]).Verdict(NfVerdict.Drop).End();
        Rule().Immediate(NfRegister.R0, BitConverter.GetBytes((ushort)5)).SetConntrack(NfCtKey.Zone, NfRegister.R0).End();
        Rule().Reject(NfRejectType.IcmpAny, 1).End();
        Rule().Object(NfObjectType.Counter, "count").End();
        Rule().Object(NfObjectType.Quota, "much").End();
        Rule().Object(NfObjectType.Limit, "often").End();
        Rule().ConnectionLimit(20, over: true).Verdict(NfVerdict.Drop).End();
        Rule().Meta(NfMetaKey.NfProtocol, NfRegister.R0).Equal(NfRegister.R0, [2]).Immediate(NfRegister.R0, [1, 2, 3, 4]).SetPayload(NfRegister.R0, NfPayloadBase.Network, 12, 4, NfChecksum.Ipv4Address).End();
        Rule().SaveMark().End();
        Rule().RestoreMark().End();
        Rule().Fib(NfFibResult.OutInterface, NfFibFlags.SourceAddress | NfFibFlags.InInterface | NfFibFlags.Present, NfRegister.R0).Equal(NfRegister.R0, new byte[4]).Verdict(NfVerdict.Drop).End();
        Rule().Meta(NfMetaKey.Mark, NfRegister.R0).Shift(NfRegister.R0, NfRegister.R0, 4, left: true, 8).SetMeta(NfMetaKey.Mark, NfRegister.R0).End();
        batch.AddRule(inet, "nat").L4ProtocolIs(6).Immediate(NfRegister.R0, [10, 0, 0, 1]).Immediate(NfRegister.R4, [0, 100]).Immediate(NfRegister.R8, [0, 110])
            .Nat(destination: true, NfFamily.Ip, NfRegister.R0, null, NfRegister.R4, NfRegister.R8, NfNatFlags.Persistent).End();
        batch.AddRule(inet, "nat").L4ProtocolIs(6).Immediate(NfRegister.R0, [0, 80]).Immediate(NfRegister.R4, [0, 90]).Redirect(NfRegister.R0, NfRegister.R4).End();
        batch.AddRule(inet, "snat").L4ProtocolIs(6).Immediate(NfRegister.R0, [3, 0xe8]).Immediate(NfRegister.R4, [7, 0xd0]).Masquerade(NfRegister.R0, NfRegister.R4, NfNatFlags.Random).End();
        batch.AddBaseChain(inet, "tp", NfChainType.Filter, NfHook.Prerouting, NfPriority.Mangle);
        batch.AddRule(inet, "tp").L4ProtocolIs(6).Immediate(NfRegister.R0, [0, 80]).TransparentProxy(NfFamily.Ip, null, NfRegister.R0).End();
        return batch;
    }
}
