using FsCheck;
using FsCheck.Fluent;

namespace SwarmNet.Netlink.NfTables;

/// <summary>decode(encode(x)) = x, for everything that can be encoded.</summary>
[TestFixture]
public sealed class NfTablesCodecTests
{
    private static readonly NfTable Table = new(NfFamily.Inet, "t");

    private static Gen<NfBaseChain> BaseChain =>
        from name in NfGenerators.Name
        from type in NfGenerators.Enumeration<NfChainType>()
        from hook in Gen.Elements(NfHook.Prerouting, NfHook.Input, NfHook.Forward, NfHook.Output, NfHook.Postrouting)
        from priority in Generators.U32
        from policy in Gen.Elements(NfVerdict.Accept, NfVerdict.Drop)
        from count in Gen.Choose(0, 3)
        from devices in Generators.LinkName.ListOf(count)
        from comment in NfGenerators.Comment
        select new NfBaseChain { Name = name, Type = type, Hook = hook, Priority = (int)priority, Policy = policy, Devices = [.. devices], Comment = comment };

    private static Gen<NfType> Type => Gen.Elements(
        NfType.Ipv4Address, NfType.Ipv6Address, NfType.EtherAddress, NfType.InetProtocol, NfType.InetService, NfType.Mark, NfType.InterfaceIndex, NfType.InterfaceName,
        NfType.Integer(3), NfType.Concat(NfType.Ipv4Address, NfType.InetService), NfType.Concat(NfType.InetProtocol, NfType.InetService, NfType.Mark));

    private static Gen<NfSet> Set =>
        from name in NfGenerators.Name
        from key in Type
        from data in Gen.OneOf(Type, Gen.Constant(NfType.Verdict)).OrNull()
        from flags in Gen.Choose(0, 63)
        from id in Generators.U32
        from size in Gen.Choose(0, int.MaxValue)
        from timeout in Gen.Choose(0, int.MaxValue)
        from value in NfGenerators.Enumeration<NfObjectType>().OrNull()
        from expressions in NfGenerators.ExpressionOf(typeof(NfExpression.Limit), nested: false).ListOf(2)
        from count in Gen.Choose(0, 2)
        from parts in Gen.Choose(1, 16).ListOf(3)
        from ranges in Generators.Bool
        from comment in NfGenerators.Comment
        select new NfSet
        {
            Name = name,
            Key = key,
            Data = data,
            Flags = (NfSetFlags)(flags & ~(int)NfSetFlags.Map),
            Id = id,
            Size = size,
            Timeout = TimeSpan.FromMilliseconds(timeout),
            Object = value,
            Expressions = [.. expressions.Take(count)],
            ConcatLengths = ranges ? [.. parts] : [],
            Comment = comment,
        };

    private static Gen<NfObject> Object => Gen.OneOf(
        from name in NfGenerators.Name from packets in Generators.U64 from bytes in Generators.U64 select (NfObject)new NfObject.Counter(name, packets, bytes),
        from name in NfGenerators.Name from quota in NfGenerators.Quota select (NfObject)new NfObject.Quota(name, quota),
        from name in NfGenerators.Name from limit in NfGenerators.Limit select (NfObject)new NfObject.Limit(name, limit),
        from name in NfGenerators.Name from count in Generators.U32 from over in Generators.Bool select (NfObject)new NfObject.ConnectionLimit(name, count, over),
        from name in NfGenerators.Name
        from family in Gen.Elements(NfFamily.Ip, NfFamily.Ip6)
        from protocol in Gen.Elements<byte>(6, 17, 132)
        from seconds in Generators.U32.ListOf(3)
        select (NfObject)new NfObject.CtTimeout(name, family, protocol) { Seconds = [.. seconds.Select((s, i) => ((ushort)(i + 1), s))] });

    private static Gen<NfElement> Element =>
        from key in from length in Gen.Choose(1, 64) from bytes in Generators.Bytes(length) select bytes
        from end in from length in Gen.Choose(0, 64) from bytes in Generators.Bytes(length) select bytes
        from data in from length in Gen.Choose(0, 64) from bytes in Generators.Bytes(length) select bytes
        from verdict in NfGenerators.Enumeration<NfVerdict>().OrNull()
        from chain in NfGenerators.Name.OrNone()
        from value in NfGenerators.Name.OrNone()
        from intervalEnd in Generators.Bool
        from catchAll in Generators.Bool
        from timeout in Generators.U64
        from expiration in Generators.U64
        from comment in NfGenerators.Comment
        from count in Gen.Choose(0, 2)
        from expressions in NfGenerators.ExpressionOf(typeof(NfExpression.Limit), nested: false).ListOf(count)
        select new NfElement(catchAll ? default : key, verdict is null ? data : default, verdict, verdict is null ? null : chain)
        {
            KeyEnd = end,
            IsIntervalEnd = intervalEnd,
            IsCatchAll = catchAll,
            Object = value,
            TimeoutMs = timeout,
            ExpirationMs = expiration,
            Comment = comment,
            Expressions = [.. expressions],
        };

    [TestCaseSource(typeof(NfGenerators), nameof(NfGenerators.Kinds))]
    public void An_expression_comes_back(Type kind) => Property.Holds(
        NfGenerators.ExpressionOf(kind, nested: true),
        expression =>
        {
            NfTablesBatch batch = Encode(expression);
            NfExpression decoded = Decode<NfRuleEntry>(batch, NfRuleEntry.TryRead).Expressions.Single();
            Assert.That(decoded, Is.EqualTo(expression));

            // What equality leaves out, counters, comes back too.
            Assert.That(Body(Encode(decoded)), Is.EqualTo(Body(batch)));
        },
        200);

    [Test]
    public void A_rule_comes_back() => Property.Holds(
        from table in NfGenerators.Table
        from chain in NfGenerators.Name
        from comment in NfGenerators.Comment
        from expressions in NfGenerators.Expression.ListOf(8)
        select (table, chain, comment, expressions),
        x =>
        {
            var batch = new NfTablesBatch();
            NfRule rule = batch.AddRule(x.table, x.chain);
            foreach (NfExpression expression in x.expressions)
            {
                rule.Add(expression);
            }

            rule.End(x.comment);
            Assert.That(Decode<NfRuleEntry>(batch, NfRuleEntry.TryRead), Is.EqualTo(new NfRuleEntry(x.table, x.chain, 0) { Expressions = [.. x.expressions], Comment = x.comment }));
        },
        300);

    [Test]
    public void A_table_comes_back() => Property.Holds(
        from table in NfGenerators.Table from flags in Gen.Choose(0, 3) from comment in NfGenerators.Comment select (table, flags: (NfTableFlags)flags, comment),
        x => Assert.That(
            Decode<NfTableEntry>(new NfTablesBatch().AddTable(x.table, x.flags, x.comment), NfTableEntry.TryRead), Is.EqualTo(new NfTableEntry(x.table, x.flags, 0, x.comment))));

    [Test]
    public void A_chain_comes_back() => Property.Holds(
        from table in NfGenerators.Table.Where(t => t.Family is NfFamily.Ip or NfFamily.Ip6 or NfFamily.Inet or NfFamily.Bridge) from chain in BaseChain select (table, chain),
        x =>
        {
            NfChainEntry entry = Decode<NfChainEntry>(new NfTablesBatch().AddBaseChain(x.table, x.chain), NfChainEntry.TryRead);
            Assert.That(entry, Is.EqualTo(new NfChainEntry(x.table, x.chain.Name, 0, x.chain, x.chain.Comment)));
            entry = Decode<NfChainEntry>(new NfTablesBatch().AddChain(x.table, x.chain.Name, x.chain.Comment), NfChainEntry.TryRead);
            Assert.That(entry, Is.EqualTo(new NfChainEntry(x.table, x.chain.Name, 0, null, x.chain.Comment)));
        });

    [TestCase(NfFamily.NetDev, NfHook.Ingress)]
    [TestCase(NfFamily.NetDev, NfHook.Egress)]
    [TestCase(NfFamily.Inet, NfHook.Ingress)]
    [TestCase(NfFamily.Arp, NfHook.Input)]
    [TestCase(NfFamily.Arp, NfHook.Output)]
    public void Hooks_that_families_number_differently_come_back(NfFamily family, NfHook hook)
    {
        var chain = new NfBaseChain { Name = "c", Hook = hook };
        Assert.That(Decode<NfChainEntry>(new NfTablesBatch().AddBaseChain(new NfTable(family, "t"), chain), NfChainEntry.TryRead).Base, Is.EqualTo(chain));
    }

    [Test]
    public void A_set_comes_back() => Property.Holds(
        from table in NfGenerators.Table from set in Set select (table, set),
        x =>
        {
            NfSetEntry entry = Decode<NfSetEntry>(new NfTablesBatch().AddSet(x.table, x.set), NfSetEntry.TryRead);
            Assert.That(entry, Is.EqualTo(new NfSetEntry(x.table, x.set, 0)));
            Assert.That(entry.Set.Id, Is.EqualTo(x.set.Id));
        });

    [Test]
    public void An_object_comes_back() => Property.Holds(
        from table in NfGenerators.Table from value in Object from comment in NfGenerators.Comment select (table, value, comment),
        x => Assert.That(
            Decode<NfObjectEntry>(new NfTablesBatch().AddObject(x.table, x.value, x.comment), NfObjectEntry.TryRead), Is.EqualTo(new NfObjectEntry(x.table, x.value, 0, x.comment))));

    [Test]
    public void Elements_come_back() => Property.Holds(
        Element.ListOf(3),
        elements =>
        {
            var batch = new NfTablesBatch();
            NfElements list = batch.AddElements(new NfTable(NfFamily.Ip, "t"), "s");
            foreach (NfElement e in elements)
            {
                list.Element(new NfElementSpec
                {
                    Key = e.Key.Span,
                    KeyEnd = e.KeyEnd.Span,
                    Data = e.Data.Span,
                    Verdict = e.Verdict,
                    Chain = e.Chain,
                    Object = e.Object,
                    CatchAll = e.IsCatchAll,
                    IntervalEnd = e.IsIntervalEnd,
                    TimeoutMs = e.TimeoutMs,
                    ExpirationMs = e.ExpirationMs,
                    Comment = e.Comment,
                    Expressions = [.. e.Expressions!],
                });
            }

            list.End();
            List<NfElement> decoded = Decode<List<NfElement>>(batch, NfTablesQuery.TryParseElements);
            Assert.That(decoded, Is.EqualTo(elements));
            Assert.That(decoded.Select(e => e.ExpirationMs), Is.EqualTo(elements.Select(e => e.ExpirationMs)));
            Assert.That(decoded.SelectMany(e => e.Expressions!), Is.EqualTo(elements.SelectMany(e => e.Expressions!)));
        },
        500);

    [Test]
    public void The_kernels_old_register_numbers_mean_the_new_ones()
    {
        var batch = new NfTablesBatch();
        batch.AddRule(new NfTable(NfFamily.Ip, "t"), "c").Meta(NfMetaKey.Mark, NfRegister.Reg3).SetMeta(NfMetaKey.Mark, NfRegister.R8).End();
        Assert.That(Decode<NfRuleEntry>(batch, NfRuleEntry.TryRead).Expressions, Is.EqualTo(new NfExpression[]
        {
            new NfExpression.Meta(NfMetaKey.Mark, NfRegister.R8), new NfExpression.SetMeta(NfMetaKey.Mark, NfRegister.R8),
        }));
    }

    [Test]
    public void What_is_not_known_is_kept_as_it_came()
    {
        var batch = new NfTablesBatch();
        batch.AddRule(Table, "c").Raw("osf", [8, 0, 1, 0, 0, 0, 0, 9]).End();
        NfExpression unknown = Decode<NfRuleEntry>(batch, NfRuleEntry.TryRead).Expressions.Single();
        Assert.That(unknown, Is.EqualTo(new NfExpression.Unknown("osf", new NfBytes([8, 0, 1, 0, 0, 0, 0, 9]))));
        Assert.That(Body(Encode(unknown)), Is.EqualTo(Body(batch)));
    }

    [Test]
    public void A_comment_that_is_too_long_is_refused()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new NfTablesBatch().AddTable(new NfTable(NfFamily.Ip, "t"), comment: new string('ä', 64)))!;
        Assert.That(error.Message, Does.Contain("127 bytes of UTF-8, this one has 128"));
    }

    private static NfTablesBatch Encode(NfExpression expression)
    {
        var batch = new NfTablesBatch();
        batch.AddRule(Table, "c").Add(expression).End();
        return batch;
    }

    /// <summary>The message after BATCH_BEGIN without its header, whose sequence number rises.</summary>
    private static byte[] Body(NfTablesBatch batch) => batch.Writer.Written[36..].ToArray();

    /// <summary>Decodes the message after BATCH_BEGIN.</summary>
    private static T Decode<T>(NfTablesBatch batch, NetlinkParser<T> parser)
    {
        var reader = new NetlinkReader(batch.Writer.Written);
        reader.TryRead(out _);
        reader.TryRead(out NetlinkMessage message);
        return parser(message, out T? value) ? value : throw new AssertionException("does not decode");
    }
}
