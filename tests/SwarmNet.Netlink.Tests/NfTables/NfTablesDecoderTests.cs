using System.Runtime.InteropServices;
using SwarmNet.Testing;

namespace SwarmNet.Netlink.NfTables;

/// <summary>Decoders against broken bytes, and what they allocate.</summary>
[TestFixture]
public sealed class NfTablesDecoderTests
{
    private static readonly NfTable Table = new(NfFamily.Inet, "i");

    /// <summary>Bytes changed, cut and repeated at random: whatever comes out, nothing throws and every walk ends.</summary>
    [Test]
    public void Broken_bytes_never_throw()
    {
        var random = new Random(TestSeed.Next());
        byte[] good = EveryMessage().Writer.Written.ToArray();
        int decoded = 0;
        for (int round = 0; round < 3000; round++)
        {
            byte[] bytes = good.AsSpan().ToArray();
            int changes = random.Next(1, 20);
            for (int i = 0; i < changes; i++)
            {
                int at = random.Next(bytes.Length);
                switch (random.Next(4))
                {
                    case 0: bytes[at] = (byte)random.Next(256); break;
                    case 1: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                    case 2: MemoryMarshal.Write(bytes.AsSpan(Math.Min(at & ~3, bytes.Length - 2)), (ushort)random.Next(65536)); break;
                    default: bytes.AsSpan(at, Math.Min(random.Next(1, 40), bytes.Length - at)).CopyTo(bytes.AsSpan(random.Next(bytes.Length - 40))); break;
                }
            }

            decoded += DecodeAll(bytes.AsSpan(0, random.Next(4) == 0 ? random.Next(bytes.Length) : bytes.Length));
        }

        Assert.That(decoded, Is.GreaterThan(10_000), "most messages of most rounds are whole");
    }

    [Test]
    public void Every_cut_of_every_message_is_refused_or_read_in_part()
    {
        byte[] good = EveryMessage().Writer.Written.ToArray();
        var reader = new NetlinkReader(good);
        while (reader.TryRead(out NetlinkMessage message))
        {
            byte[] payload = message.Payload.ToArray();
            for (int length = 0; length < payload.Length; length++)
            {
                var cut = new NetlinkMessage(message.Type, message.Flags, 1, 0, payload.AsSpan(0, length));
                DecodeOne(cut);
            }
        }

        Assert.That(DecodeAll(good), Is.GreaterThan(40));
    }

    [Test]
    public void Walking_elements_and_rules_allocates_nothing()
    {
        NfTablesBatch batch = EveryMessage();
        NfElements elements = batch.AddElements(Table, "slots");
        Span<byte> key = stackalloc byte[8];
        for (int i = 0; i < 900; i++)
        {
            MemoryMarshal.Write(key[4..], i);
            elements.Pair(key, key[..4]);
        }

        elements.End();
        byte[] bytes = batch.Writer.Written.ToArray();
        long seen = 0;
        long allocated = AllocationMeter.SmallestOf(5, () =>
        {
            for (int i = 0; i < 50; i++)
            {
                seen += Walk(bytes);
            }
        });
        Assert.That(allocated, Is.Zero);
        Assert.That(seen, Is.GreaterThan(6 * 50 * 900));
    }

    /// <summary>Everything that a transaction may hold, its statements included, encodes without allocation once the buffer has its size.</summary>
    [Test]
    public void Encoding_every_kind_of_element_and_statement_allocates_nothing()
    {
        var batch = new NfTablesBatch();
        var limit = new NfLimit(10) { Burst = 5 };
        NfExpression[] carried = [new NfExpression.Counter()];
        var device = new NfBaseChain { Name = "eg", Hook = NfHook.Egress, Devices = ["a", "b"] };
        var netdev = new NfTable(NfFamily.NetDev, "t");
        NfObject timeout = new NfObject.CtTimeout("t", NfFamily.Ip, 6);
        long allocated = AllocationMeter.SmallestOf(5, () =>
        {
            for (int i = 0; i < 100; i++)
            {
                Encode();
            }
        });
        Assert.That(allocated, Is.Zero);

        void Encode()
        {
            batch.Clear();
            batch.AddTable(netdev, NfTableFlags.None, "c").AddBaseChain(netdev, device).AddObject(Table, timeout, "o");
            NfElements elements = batch.AddElements(Table, "s");
            elements.Range([1, 2], [3, 4]);
            elements.RangeVerdict([1, 2], [3, 4], NfVerdict.Goto, "c");
            elements.ConcatRange([1, 2, 3, 4], [2, 3, 4, 5], [1]);
            elements.Object([1], "o");
            elements.Element(new NfElementSpec { Key = [1], TimeoutMs = 5, Comment = "ä", Expressions = carried });
            elements.End();
            batch.AddRule(Table, "c").Payload(NfPayloadBase.Transport, 12, 3, NfRegister.R0).Range(NfRegister.R0, [1, 2, 3], [2, 3, 4]).ClampSegmentSize().NoTrack()
                .Limit(limit).Log(new NfLog { Prefix = "p" }).Quota(new NfQuota(5)).SymmetricHash(NfRegister.R0, 8).JenkinsHash(NfRegister.R0, 4, NfRegister.R1, 8, 1)
                .DynamicSet(NfDynamicSetOperation.Update, "s", NfRegister.R0, timeoutMs: 5, expressions: carried).Object(NfObjectType.Counter, "n").ObjectOf("m", NfRegister.R0)
                .SetEtherDestination(NfRegister.R0).SaveMark().RestoreMark().Reject(NfRejectType.IcmpAny, 1).FromIpsec(true)
                .Nat(true, NfFamily.Ip, NfRegister.R0, null, NfRegister.R1, null, NfNatFlags.Random).Masquerade().Redirect(NfRegister.R0).End("why");
        }
    }

    private static NfTablesBatch EveryMessage()
    {
        NfTablesBatch batch = NfTablesStatementKernelTests.EveryStatement(Table);
        NfElements elements = batch.AddElements(Table, "seen");
        elements.Element(new NfElementSpec { Key = [1, 2, 3, 4], KeyEnd = [2, 3, 4, 5], Data = [1, 2, 3, 4], TimeoutMs = 5, ExpirationMs = 4, Comment = "x", Object = "o", Expressions = [new NfExpression.Counter()] });
        elements.Verdict([1], NfVerdict.Jump, "c");
        elements.End();
        return batch.AddObject(Table, new NfObject.CtTimeout("t", NfFamily.Ip, 6) { Seconds = [(1, 2)] })
            .AddBaseChain(Table, new NfBaseChain { Name = "dev", Hook = NfHook.Ingress, Devices = ["a", "b"], Comment = "x" });
    }

    private static int Walk(byte[] bytes)
    {
        int seen = 0;
        var reader = new NetlinkReader(bytes);
        while (reader.TryRead(out NetlinkMessage message))
        {
            if (NfElementReader.TryCreate(message, out NfElementReader elements))
            {
                while (elements.TryRead(out NfElementView element))
                {
                    seen += element.Key.Length > 0 && !element.IsIntervalEnd ? 1 : 0;
                }
            }
            else if (NfRuleView.TryCreate(message, out NfRuleView rule))
            {
                NfExpressionReader expressions = rule.Expressions;
                while (expressions.TryRead(out NfExpressionView expression))
                {
                    seen += expression.Name.SequenceEqual("lookup"u8) && expression.UInt32(NfConstants.NFTA_LOOKUP_SREG) == 8 ? 1 : 0;
                }
            }
        }

        return seen;
    }

    private static int DecodeAll(ReadOnlySpan<byte> bytes)
    {
        int decoded = 0;
        var reader = new NetlinkReader(bytes);
        while (reader.TryRead(out NetlinkMessage message))
        {
            decoded += DecodeOne(message);
        }

        return decoded;
    }

    private static int DecodeOne(in NetlinkMessage message)
    {
        int decoded = 0;
        decoded += NfTableEntry.TryRead(message, out _) ? 1 : 0;
        decoded += NfChainEntry.TryRead(message, out _) ? 1 : 0;
        decoded += NfRuleEntry.TryRead(message, out _) ? 1 : 0;
        decoded += NfSetEntry.TryRead(message, out _) ? 1 : 0;
        decoded += NfObjectEntry.TryRead(message, out _) ? 1 : 0;
        decoded += NfTablesQuery.TryParseElements(message, out _) ? 1 : 0;
        decoded += NfTablesQuery.TryParseGeneration(message, out _) ? 1 : 0;
        decoded += NfTablesEvent.TryParse(message, out _) ? 1 : 0;
        _ = NfErrorText.Describe("x", message);
        _ = NfErrorText.Explain(message, SwarmNet.Linux.Errno.ENOENT, message.Payload.Length / 2);
        return decoded;
    }
}
