using System.Buffers.Binary;

namespace SwarmNet.Netlink.NfTables;

/// <summary>
/// The bytes of every kind of change and expression, as <c>NfTables/nftables.golden</c> has them: NAME, blank, hexadecimal digits from the
/// nfgenmsg on, or of the expression alone. A difference is a change on the wire and has to be meant.
/// </summary>
[TestFixture]
public sealed class NfTablesGoldenTests
{
    private static readonly NfTable Table = new(NfFamily.Ip, "t");

    private static readonly Lazy<Dictionary<string, string>> Golden = new(() => File.ReadLines(Path.Combine(AppContext.BaseDirectory, "NfTables", "nftables.golden"))
        .Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(' ', 2)).ToDictionary(parts => parts[0], parts => parts[1].Replace(" ", "", StringComparison.Ordinal)));

    private static readonly Dictionary<string, Action<NfTablesBatch>> Encoders = new()
    {
        ["table"] = b => b.AddTable(Table, NfTableFlags.Dormant, "c"),
        ["table-delete"] = b => b.DeleteTable(Table),
        ["chain"] = b => b.AddChain(Table, "c", "x"),
        ["chain-base"] = b => b.AddBaseChain(Table, new NfBaseChain { Name = "c", Type = NfChainType.Nat, Hook = NfHook.Postrouting, Priority = -100, Policy = NfVerdict.Drop }),
        ["chain-device"] = b => b.AddBaseChain(new NfTable(NfFamily.NetDev, "t"), new NfBaseChain { Name = "c", Hook = NfHook.Egress, Devices = ["eth0"] }),
        ["chain-devices"] = b => b.AddBaseChain(new NfTable(NfFamily.Inet, "t"), new NfBaseChain { Name = "c", Hook = NfHook.Ingress, Devices = ["a", "b"] }),
        ["chain-delete"] = b => b.DeleteChain(Table, "c"),
        ["chain-flush"] = b => b.FlushChain(Table, "c"),
        ["rule-append"] = b => b.AddRule(Table, "c").NoTrack().End("why"),
        ["rule-after"] = b => b.AddRuleAfter(Table, "c", 7).NoTrack().End(),
        ["rule-insert"] = b => b.InsertRule(Table, "c").NoTrack().End(),
        ["rule-before"] = b => b.InsertRuleBefore(Table, "c", 7).NoTrack().End(),
        ["rule-replace"] = b => b.ReplaceRule(Table, "c", 7).NoTrack().End(),
        ["rule-delete"] = b => b.DeleteRule(Table, "c", 7),
        ["set"] = b => b.AddSet(Table, new NfSet { Name = "s", Key = NfType.Ipv4Address, Size = 100 }),
        ["set-map"] = b => b.AddSet(Table, new NfSet { Name = "s", Key = NfType.Mark, Data = NfType.EtherAddress, Id = 3, Comment = "x" }),
        ["set-vmap"] = b => b.AddSet(Table, new NfSet { Name = "s", Key = NfType.InetService, Data = NfType.Verdict, Flags = NfSetFlags.Interval }),
        ["set-objects"] = b => b.AddSet(Table, new NfSet { Name = "s", Key = NfType.InetService, Object = NfObjectType.CtTimeout }),
        ["set-ranges"] = b => b.AddSet(Table, new NfSet { Name = "s", Key = NfType.Concat(NfType.Ipv4Address, NfType.InetService), Flags = NfSetFlags.Interval, ConcatLengths = [4, 2] }),
        ["set-timeout"] = b => b.AddSet(Table, new NfSet { Name = "s", Key = NfType.Ipv4Address, Flags = NfSetFlags.Timeout, Timeout = TimeSpan.FromSeconds(30), Expressions = [new NfExpression.Counter()] }),
        ["set-delete"] = b => b.DeleteSet(Table, "s"),
        ["set-flush"] = b => b.FlushSet(Table, "s"),
        ["element-key"] = b => Elements(b, (ref NfElements e) => e.Key([10, 0, 0, 1])),
        ["element-pair"] = b => Elements(b, (ref NfElements e) => e.Pair([10, 0, 0, 1], [10, 0, 0, 2])),
        ["element-object"] = b => Elements(b, (ref NfElements e) => e.Object([0, 80], "o")),
        ["element-range"] = b => Elements(b, (ref NfElements e) => e.Range([0, 80], [0, 91])),
        ["element-range-verdict"] = b => Elements(b, (ref NfElements e) => e.RangeVerdict([0, 80], [0, 91], NfVerdict.Drop)),
        ["element-concat-range"] = b => Elements(b, (ref NfElements e) => e.ConcatRange([10, 0, 0, 0, 0, 80, 0, 0], [10, 0, 0, 255, 0, 90, 0, 0], [1, 2, 3, 4])),
        ["element-options"] = b => Elements(b, (ref NfElements e) => e.Element(new NfElementSpec { Key = [1, 2, 3, 4], TimeoutMs = 30_000, ExpirationMs = 20_000, Comment = "x", Expressions = [new NfExpression.Counter(3, 4)] })),
        ["element-catch-all"] = b => Elements(b, (ref NfElements e) => e.Element(new NfElementSpec { CatchAll = true, Data = [1, 2, 3, 4] })),
        ["object-counter"] = b => b.AddObject(Table, new NfObject.Counter("o", 1, 2), "x"),
        ["object-quota"] = b => b.AddObject(Table, new NfObject.Quota("o", new NfQuota(1000, Over: true))),
        ["object-limit"] = b => b.AddObject(Table, new NfObject.Limit("o", new NfLimit(10, 60) { Burst = 5 })),
        ["object-connlimit"] = b => b.AddObject(Table, new NfObject.ConnectionLimit("o", 10, Over: true)),
        ["object-ct-timeout"] = b => b.AddObject(Table, new NfObject.CtTimeout("o", NfFamily.Ip, 6) { Seconds = [(NfCtTimeoutState.TcpEstablished, 432_000)] }),
        ["object-delete"] = b => b.DeleteObject(Table, NfObjectType.Counter, "o"),
    };

    private static readonly Dictionary<string, NfExpression> Expressions = new()
    {
        ["payload"] = new NfExpression.Payload(NfPayloadBase.Transport, 12, 3, NfRegister.R0),
        ["payload-set"] = new NfExpression.SetPayload(NfRegister.R0, NfPayloadBase.Network, 12, 4, NfChecksum.Ipv4Address),
        ["meta"] = new NfExpression.Meta(NfMetaKey.SecurityPath, NfRegister.R0),
        ["meta-set"] = new NfExpression.SetMeta(NfMetaKey.Mark, NfRegister.R1),
        ["ct"] = new NfExpression.Conntrack(NfCtKey.SourceIpv4, NfRegister.R0, NfCtDirection.Original),
        ["ct-set"] = new NfExpression.SetConntrack(NfCtKey.Zone, NfRegister.R0, null),
        ["fib"] = new NfExpression.Fib(NfFibResult.AddressType, NfFibFlags.DestinationAddress, NfRegister.R0),
        ["rt"] = new NfExpression.Route(NfRouteKey.TcpSegmentSize, NfRegister.R0),
        ["xfrm"] = new NfExpression.Transformation(NfXfrmKey.Spi, true, NfRegister.R0, 1),
        ["tcp-option"] = new NfExpression.TcpOption(2, 2, 2, NfRegister.R0),
        ["tcp-option-set"] = new NfExpression.SetTcpOption(NfRegister.R0, 2, 2, 2),
        ["immediate"] = new NfExpression.Immediate(NfRegister.R4, new NfBytes([10, 0, 0, 1])),
        ["cmp"] = new NfExpression.Compare(NfRegister.R0, NfCompare.GreaterOrEqual, new NfBytes([0, 80])),
        ["range"] = new NfExpression.Range(NfRegister.R0, new NfBytes([0, 80]), new NfBytes([0, 90]), true),
        ["bitwise"] = new NfExpression.Bitwise(NfRegister.R0, NfRegister.R1, new NfBytes([255, 0]), new NfBytes([0, 1])),
        ["shift"] = new NfExpression.Shift(NfRegister.R0, NfRegister.R0, 4, true, 8),
        ["byteorder"] = new NfExpression.ByteOrder(NfRegister.R0, NfRegister.R0, 2, 2, true),
        ["lookup-set"] = new NfExpression.InSet("s", NfRegister.R0, true),
        ["lookup-map"] = new NfExpression.Lookup("m", NfRegister.R0, NfRegister.R4),
        ["numgen"] = new NfExpression.NumberGenerator(NfRegister.R0, 8, true, 1),
        ["jhash"] = new NfExpression.JenkinsHash(NfRegister.R0, 4, NfRegister.R1, 8, 0xdeadbeef, 1),
        ["symhash"] = new NfExpression.SymmetricHash(NfRegister.R0, 8, 1),
        ["verdict"] = new NfExpression.Verdict(NfVerdict.Goto, "c"),
        ["nat"] = new NfExpression.Nat(true, NfFamily.Ip, NfRegister.R0, null, NfRegister.R4, NfRegister.R8, NfNatFlags.Random),
        ["masq"] = new NfExpression.Masquerade(NfRegister.R0, NfRegister.R4, NfNatFlags.FullyRandom),
        ["redir"] = new NfExpression.Redirect(NfRegister.R0, null, NfNatFlags.None),
        ["tproxy"] = new NfExpression.TransparentProxy(NfFamily.Ip, NfRegister.R0, NfRegister.R4),
        ["reject"] = new NfExpression.Reject(NfRejectType.IcmpAny, 1),
        ["notrack"] = new NfExpression.NoTrack(),
        ["log"] = new NfExpression.Log(new NfLog { Prefix = "p", Level = 6 }),
        ["log-group"] = new NfExpression.Log(new NfLog { Group = 3, SnapLength = 64, QueueThreshold = 2 }),
        ["limit"] = new NfExpression.Limit(new NfLimit(10) { Burst = 5, Bytes = true, Over = true }),
        ["connlimit"] = new NfExpression.ConnectionLimit(20, true),
        ["objref"] = new NfExpression.Object(NfObjectType.CtTimeout, "o"),
        ["objref-map"] = new NfExpression.ObjectOf("m", NfRegister.R0),
        ["counter"] = new NfExpression.Counter(1, 2),
        ["quota"] = new NfExpression.Quota(new NfQuota(1000, true) { Consumed = 5 }),
        ["dynset"] = new NfExpression.DynamicSet(NfDynamicSetOperation.Update, "s", NfRegister.R0, NfRegister.R4, 1000, true) { Expressions = [new NfExpression.Counter()] },
        ["dynset-two"] = new NfExpression.DynamicSet(NfDynamicSetOperation.Add, "s", NfRegister.R0, null, 0, false) { Expressions = [new NfExpression.Counter(), new NfExpression.Limit(new NfLimit(1))] },
    };

    private static IEnumerable<string> Names => Encoders.Keys.Concat(Expressions.Keys.Select(name => "expression-" + name));

    [TestCaseSource(nameof(Names))]
    public void The_bytes_are_those_of_the_file(string name)
    {
        string hex = Convert.ToHexStringLower(Encode(name));
        Assert.That(hex, Is.EqualTo(Golden.Value.GetValueOrDefault(name)), $"{name} {hex}");
    }

    [Test]
    public void Every_kind_of_expression_is_among_them() => Assert.That(Expressions.Values.Select(e => e.GetType()).Distinct(), Is.EquivalentTo(NfGenerators.Kinds));

    /// <summary>What the golden bytes of expressions mean, each attribute a big-endian number or text, against a reading that shares no code with ours.</summary>
    [Test]
    public void Attributes_are_aligned_and_nested_lengths_add_up()
    {
        foreach (string name in Names)
        {
            byte[] bytes = Encode(name);
            int start = name.StartsWith("expression-", StringComparison.Ordinal) ? 0 : 4;
            Assert.That(Check(bytes.AsSpan(start)), Is.True, name);
        }
    }

    private static bool Check(ReadOnlySpan<byte> attributes)
    {
        while (!attributes.IsEmpty)
        {
            int length = attributes.Length >= 4 ? BinaryPrimitives.ReadUInt16LittleEndian(attributes) : 0;
            int padded = (length + 3) & ~3;
            if (length < 4 || padded > attributes.Length || attributes[length..padded].ContainsAnyExcept((byte)0))
            {
                return false;
            }

            bool nested = (attributes[3] & 0x80) != 0;
            if (nested && !Check(attributes[4..length]))
            {
                return false;
            }

            attributes = attributes[padded..];
        }

        return true;
    }

    private static void Elements(NfTablesBatch batch, FillElements fill)
    {
        NfElements elements = batch.AddElements(Table, "s");
        fill(ref elements);
        elements.End();
    }

    private delegate void FillElements(ref NfElements elements);

    private static byte[] Encode(string name)
    {
        var batch = new NfTablesBatch();
        if (Encoders.TryGetValue(name, out Action<NfTablesBatch>? encode))
        {
            encode(batch);
            ReadOnlySpan<byte> message = batch.Writer.Written[20..];
            return message[16..BitConverter.ToInt32(message)].ToArray();
        }

        var writer = new NetlinkWriter();
        Expressions[name["expression-".Length..]].AppendTo(new NfRule(writer, 1));
        return writer.Written.ToArray();
    }
}
