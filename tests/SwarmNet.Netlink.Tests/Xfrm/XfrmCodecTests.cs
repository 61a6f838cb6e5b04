using System.Net;
using FsCheck;
using FsCheck.Fluent;

namespace SwarmNet.Netlink.Xfrm;

[TestFixture]
public sealed class XfrmCodecTests
{
    private static readonly XfrmMark OverlayMark = new(0xD0C4E3);

    private static Gen<XfrmSelector> Selector =>
        from networks in Generators.NetworkPair
        from protocol in Generators.U8
        from source in Generators.U16.OrNull()
        from destination in Generators.U16.OrNull()
        from link in Gen.Choose(0, int.MaxValue)
        select new XfrmSelector
        {
            Source = networks.First,
            Destination = networks.Second,
            Protocol = protocol,
            SourcePort = source,
            DestinationPort = destination,
            Link = link,
        };

    private static Gen<XfrmMark> Mark => from value in Generators.U32 from mask in Gen.Elements(uint.MaxValue, 0xffu) select new XfrmMark(value, mask);

    private static Gen<XfrmStateSpec> State =>
        from ends in Generators.AddressPair
        from spi in Generators.U32
        from protocol in Generators.U8
        from mode in Gen.Elements(XfrmMode.Transport, XfrmMode.Tunnel)
        from requestId in Generators.U32
        from mark in Mark.OrNull()
        from key in Gen.Elements(20, 28, 36).SelectMany(Generators.Bytes)
        from icv in Gen.Elements(64, 96, 128)
        from extended in Generators.Bool
        from window in Gen.Choose(0, extended ? XfrmStateSpec.MaxExtendedReplayWindow : XfrmStateSpec.MaxReplayWindow)
        from selector in Selector.Where(s => s.Protocol != 0).OrNone()
        select new XfrmStateSpec
        {
            Source = ends.First,
            Destination = ends.Second,
            Spi = spi,
            Protocol = protocol,
            Mode = mode,
            RequestId = requestId,
            Mark = mark,
            Aead = new XfrmAead(XfrmAead.AesGcm, key, icv),
            ExtendedSequence = extended,
            ReplayWindow = window,
            Selector = selector,
        };

    private static Gen<XfrmTemplate> Template =>
        from ends in Generators.AddressPair
        from spi in Generators.U32
        from requestId in Generators.U32
        from mode in Gen.Elements(XfrmMode.Transport, XfrmMode.Tunnel)
        from optional in Generators.Bool
        select new XfrmTemplate { Source = ends.First, Destination = ends.Second, Spi = spi, RequestId = requestId, Mode = mode, Optional = optional };

    private static Gen<XfrmPolicySpec> Policy =>
        from direction in Gen.Elements(XfrmDirection.In, XfrmDirection.Out, XfrmDirection.Forward)
        from selector in Selector
        from mark in Mark.OrNull()
        from priority in Generators.U32
        from block in Generators.Bool
        from count in Gen.Choose(0, XfrmPolicySpec.MaxTemplates)
        from templates in Template.ArrayOf(count)
        select new XfrmPolicySpec { Direction = direction, Selector = selector, Mark = mark, Priority = priority, Block = block, Templates = templates };

    [Test]
    public void A_state_has_the_bytes_of_the_header_file()
    {
        byte[] key = [.. Enumerable.Range(1, 20).Select(i => (byte)i)];
        var batch = new XfrmBatch();
        batch.AddState(new XfrmStateSpec
        {
            Source = IPAddress.Parse("10.99.0.2"),
            Destination = IPAddress.Parse("10.99.0.1"),
            Spi = 0xc5d10bcf,
            RequestId = 0xD0C4E3,
            Aead = new XfrmAead(XfrmAead.AesGcm, key, 64),
        });

        const string Inf = "ffffffffffffffff";
        Assert.That(Hex(batch), Is.EqualTo(
            Zero(56) // selector: what the kernel fills in
            + "0a630001" + Zero(12) + "c5d10bcf" + "32000000" // id: daddr, spi, ESP
            + "0a630002" + Zero(12) // saddr
            + Inf + Inf + Inf + Inf + Zero(32) // lifetime: no limit in bytes and packets, none in time
            + Zero(32) + Zero(12) + Zero(4) // current, stats, seq
            + "e3c4d000" + "0200" + "00" + "00" + "00" + Zero(7) // reqid, family, transport, replay window, flags
            + "6000" + "1200" // XFRMA_ALG_AEAD, 4 + 72 + 20 bytes
            + Convert.ToHexStringLower("rfc4106(gcm(aes))"u8) + Zero(64 - 17) + "a0000000" + "40000000" + Convert.ToHexStringLower(key)));
    }

    [Test]
    public void A_policy_has_the_bytes_of_the_header_file()
    {
        var batch = new XfrmBatch();
        batch.ReplacePolicy(new XfrmPolicySpec
        {
            Direction = XfrmDirection.Out,
            Selector = new XfrmSelector
            {
                Source = IPNetwork.Parse("10.99.0.1/32"),
                Destination = IPNetwork.Parse("10.99.0.2/32"),
                Protocol = 17,
                DestinationPort = 4789,
            },
            Mark = OverlayMark,
            Templates = [new XfrmTemplate { Source = IPAddress.Parse("10.99.0.1"), Destination = IPAddress.Parse("10.99.0.2"), Spi = 0x76990a9f, RequestId = 0xD0C4E3 }],
        });

        const string Inf = "ffffffffffffffff";
        Assert.That(Hex(batch), Is.EqualTo(
            "0a630002" + Zero(12) + "0a630001" + Zero(12) // selector: daddr, saddr
            + "12b5" + "ffff" + "0000" + "0000" + "0200" + "20" + "20" + "11" + Zero(3) + Zero(4) + Zero(4) // ports and masks, family, prefixes, proto, ifindex, user
            + Inf + Inf + Inf + Inf + Zero(32) + Zero(32) // lifetime, current
            + Zero(4) + Zero(4) + "01" + "00" + "00" + "00" + Zero(4) // priority, index, out, allow, flags, share
            + "4400" + "0500" // XFRMA_TMPL, one of 64 bytes
            + "0a630002" + Zero(12) + "76990a9f" + "32000000" + "0200" + "0000" + "0a630001" + Zero(12) + "e3c4d000"
            + "00" + "00" + "00" + "00" + "ffffffff" + "ffffffff" + "ffffffff"
            + "0c00" + "1500" + "e3c4d000" + "ffffffff")); // XFRMA_MARK
    }

    [Test]
    public void States_are_named_by_destination_spi_protocol_and_mark()
    {
        var batch = new XfrmBatch();
        batch.DeleteState(new XfrmStateId(IPAddress.Parse("fd00::1"), 0x01020304, Mark: OverlayMark));

        Assert.That(Hex(batch), Is.EqualTo("fd00" + Zero(13) + "01" + "01020304" + "0a00" + "32" + "00" + "0c00" + "1500" + "e3c4d000" + "ffffffff"));
    }

    [Test]
    public void States_survive_a_round_trip() => Property.RoundTrips(
        State.Select(spec => new XfrmStateEntry { Spec = spec }),
        static (entry, writer) => ((XfrmBatch)writer).AddState(entry.Spec),
        XfrmStateEntry.TryParse,
        static () => new XfrmBatch());

    [Test]
    public void Policies_survive_a_round_trip() => Property.RoundTrips(
        Policy,
        static (policy, writer) => ((XfrmBatch)writer).AddPolicy(policy),
        XfrmPolicySpec.TryParse,
        static () => new XfrmBatch());

    [Test]
    public void Encoding_allocates_nothing()
    {
        XfrmStateSpec state = State.Sample(1, 10).First();
        XfrmPolicySpec policy = Policy.Sample(1, 10).First();
        var batch = new XfrmBatch(64 * 1024);

        long allocated = AllocationMeter.SmallestOf(rounds: 5, () =>
        {
            for (int i = 0; i < 1000; i++)
            {
                batch.Clear();
                batch.AddState(state).DeleteState(state.Id).AddPolicy(policy).ReplacePolicy(policy).DeletePolicy(policy).FlushStates().FlushPolicies();
            }
        });

        Assert.That(allocated, Is.Zero);
        Assert.That(batch.Count, Is.EqualTo(7));
    }

    [Test]
    public void A_state_that_the_kernel_cannot_hold_is_refused()
    {
        XfrmStateSpec state = State.Sample(1, 1).First();
        Assert.That(
            () => new XfrmBatch().AddState(state with { ExtendedSequence = false, ReplayWindow = 33 }),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("0 to 32 packets"));
        Assert.That(
            () => new XfrmBatch().AddState(state with { Source = IPAddress.Loopback, Destination = IPAddress.IPv6Loopback }),
            Throws.ArgumentException.With.Message.Contains("both"));
        Assert.That(() => new XfrmAead(new string('a', 64), default, 64), Throws.InstanceOf<ArgumentException>());
    }

    [Test]
    public void A_key_is_not_printed()
    {
        byte[] key = [.. Enumerable.Range(0x11, 20).Select(i => (byte)i)];
        XfrmStateSpec state = State.Sample(1, 1).First() with { Aead = new XfrmAead(XfrmAead.AesGcm, key, 64) };

        Assert.That(state.ToString(), Does.Contain("Aead = rfc4106(gcm(aes)), key of 160 bits, ICV of 64 bits"));
        Assert.That(state.ToString(), Does.Not.Contain(Convert.ToHexString(key)).IgnoreCase);
    }

    private static string Zero(int bytes) => new('0', bytes * 2);

    private static string Hex(XfrmBatch batch)
    {
        var reader = new NetlinkReader(batch.Written);
        Assert.That(reader.TryRead(out NetlinkMessage message), Is.True);
        return Convert.ToHexStringLower(message.Payload);
    }
}
