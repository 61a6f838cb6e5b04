using System.Net;
using FsCheck;
using FsCheck.Fluent;
using SwarmNet.Linux;
using SwarmNet.Testing;
using static SwarmNet.Netlink.Conntrack.ConntrackConstants;

namespace SwarmNet.Netlink.Conntrack;

[TestFixture]
public sealed class ConntrackCodecTests
{
    private static Gen<ConntrackTuple> Tuple =>
        from addresses in Generators.AddressPair
        from protocol in Gen.OneOf(Gen.Elements<byte>(6, 17, 132, 1, 58), Generators.U8)
        from source in Generators.U16
        from destination in Generators.U16
        select new ConntrackTuple(protocol, addresses.First, addresses.Second, source, destination);

    private static Gen<ConntrackFlow> Flow =>
        from original in Tuple
        from reply in Tuple
        from id in Generators.U32
        from status in Generators.U32
        from mark in Generators.U32
        from zone in Generators.U16
        from timeout in Generators.U32
        from state in Generators.U8.OrNull()
        from packets in Generators.U64
        from counted in Generators.Bool
        select new ConntrackFlow(original, reply, id, status, mark)
        {
            Zone = zone,
            TimeoutSeconds = timeout,
            TcpState = state,
            OriginalCounter = counted ? new ConntrackCounter(packets, ~packets) : null,
            ReplyCounter = counted ? new ConntrackCounter(5, packets) : null,
        };

    /// <summary>`conntrack -D -p udp -s 10.0.0.1 -d 10.0.0.9 --sport 1000 --dport 53` names the flow by the same attributes.</summary>
    [Test]
    public void A_deletion_names_the_original_direction_zone_and_number()
    {
        var batch = new NetlinkBatch();
        var tuple = new ConntrackTuple(17, IPAddress.Parse("10.0.0.1"), IPAddress.Parse("10.0.0.9"), 1000, 53);
        ConntrackTable.AddDelete(batch, new ConntrackFlow(tuple, tuple, 0x01020304, 0, 0) { Zone = 5 });
        byte[] bytes = batch.Written.ToArray();
        bytes.AsSpan(8, 4).Clear();
        Assert.That(Convert.ToHexStringLower(bytes), Is.EqualTo(
            "58000000" + "0201" + "0500" + "00000000" + "00000000" // nlmsghdr: length, (1 << 8) | DELETE, REQUEST|ACK
            + "02000000" // nfgenmsg: AF_INET
            + "34000180" // TUPLE_ORIG
            + "14000180" + "08000100" + "0a000001" + "08000200" + "0a000009" // IP { V4_SRC, V4_DST }
            + "1c000280" + "05000100" + "11000000" + "06000200" + "03e80000" + "06000300" + "00350000" // PROTO { NUM 17, ports big endian }
            + "06001200" + "00050000" // ZONE 5
            + "08000c00" + "01020304")); // ID
    }

    [Test]
    public void A_flow_comes_back() => Property.RoundTrips(Flow, Encode, Decode, () => new NetlinkWriter());

    [Test]
    public void A_filter_finds_the_same_in_views_and_values() => Property.Holds(
        from flow in Flow
        from other in Flow
        from bits in Gen.Choose(0, 511)
        from same in Generators.Bool
        select (flow, filter: FilterOf(same ? flow : other, bits)),
        x =>
        {
            var writer = new NetlinkWriter();
            Encode(x.flow, writer);
            var reader = new NetlinkReader(writer.Written);
            reader.TryRead(out NetlinkMessage message);
            Assert.That(ConntrackFlowView.TryCreate(message, out ConntrackFlowView view), Is.True);
            Assert.That(x.filter.Matches(view), Is.EqualTo(x.filter.Matches(x.flow)));
        });

    [Test]
    public void A_filter_of_a_flows_own_properties_matches_it_and_each_other_value_does_not()
    {
        ConntrackFlow flow = new(
            new ConntrackTuple(6, IPAddress.Parse("fd00::1"), IPAddress.Parse("fd00::9"), 1, 80), new ConntrackTuple(6, IPAddress.Parse("fd00::5"), IPAddress.Parse("fd00::1"), 8080, 1), 1, 0x2e, 0x105)
        { Zone = 7 };
        ConntrackFilter own = FilterOf(flow, 511);
        Assert.That(own.Matches(flow), Is.True);
        ConntrackFilter[] others =
        [
            own with { Protocol = 17 }, own with { OriginalSource = IPAddress.Parse("fd00::2") }, own with { OriginalDestination = IPAddress.Parse("10.0.0.1") },
            own with { OriginalDestinationPort = 81 }, own with { ReplySource = IPAddress.Parse("fd00::6") }, own with { ReplySourcePort = 1 }, own with { Mark = 0x106 },
            own with { Zone = 0 }, own with { StatusSet = 0x40 }, own with { StatusClear = 0x20 },
        ];
        foreach (ConntrackFilter other in others)
        {
            Assert.That(other.Matches(flow), Is.False, other.ToString());
        }

        Assert.That((own with { Mark = 0x205, MarkMask = 0xff }).Matches(flow), Is.True, "only the bits of the mask count");
    }

    [Test]
    public void Walking_flows_and_filtering_them_allocates_nothing()
    {
        var writer = new NetlinkWriter();
        for (int i = 0; i < 200; i++)
        {
            var tuple = new ConntrackTuple(17, IPAddress.Parse("10.0.0.1"), IPAddress.Parse("10.0.0.9"), (ushort)i, 53);
            Encode(new ConntrackFlow(tuple, tuple, 1, 2, 3), writer);
        }

        var filter = new ConntrackFilter { Protocol = 17, OriginalDestination = IPAddress.Parse("10.0.0.9"), Mark = 3, Zone = 0 };
        var batch = new NetlinkBatch();
        var flow = new ConntrackFlow(new ConntrackTuple(17, IPAddress.Parse("10.0.0.1"), IPAddress.Parse("10.0.0.9"), 1, 53), default, 1, 2, 3);
        int found = 0;
        long allocated = AllocationMeter.SmallestOf(5, () =>
        {
            for (int i = 0; i < 50; i++)
            {
                var reader = new NetlinkReader(writer.Written);
                while (reader.TryRead(out NetlinkMessage message))
                {
                    found += ConntrackFlowView.TryCreate(message, out ConntrackFlowView view) && filter.Matches(view) ? 1 : 0;
                }

                batch.Clear();
                ConntrackTable.AddDelete(batch, flow);
            }
        });
        Assert.That(allocated, Is.Zero);
        Assert.That(found, Is.EqualTo(6 * 50 * 200));
    }

    [Test]
    public void Broken_bytes_never_throw()
    {
        var random = new Random(TestSeed.Next());
        var writer = new NetlinkWriter();
        var v6 = new ConntrackTuple(58, IPAddress.Parse("fd00::1"), IPAddress.Parse("fd00::9"), 1, 0x8000);
        Encode(new ConntrackFlow(v6, v6, 1, 2, 3) { Zone = 4, TcpState = 3, OriginalCounter = new ConntrackCounter(1, 2) }, writer);
        byte[] good = writer.Written.ToArray();
        int decoded = 0;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bytes = good.AsSpan(0, random.Next(8) == 0 ? random.Next(good.Length) : good.Length).ToArray();
            for (int i = random.Next(4); i > 0 && bytes.Length > 0; i--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            var reader = new NetlinkReader(bytes);
            while (reader.TryRead(out NetlinkMessage message))
            {
                decoded += Decode(message, out _) ? 1 : 0;
                _ = ConntrackTable.TryParseCount(message, out _);
            }
        }

        Assert.That(decoded, Is.GreaterThan(1000), "unchanged ones among them");
    }

    private static ConntrackFilter FilterOf(in ConntrackFlow flow, int bits) => new()
    {
        Protocol = (bits & 1) != 0 ? flow.Original.Protocol : null,
        OriginalSource = (bits & 2) != 0 ? flow.Original.Source : null,
        OriginalDestination = (bits & 4) != 0 ? flow.Original.Destination : null,
        OriginalDestinationPort = (bits & 8) != 0 ? flow.Original.DestinationPort : null,
        ReplySource = (bits & 16) != 0 ? flow.Reply.Source : null,
        ReplySourcePort = (bits & 32) != 0 ? flow.Reply.SourcePort : null,
        Mark = (bits & 64) != 0 ? flow.Mark : null,
        Zone = (bits & 128) != 0 ? flow.Zone : null,
        StatusSet = (bits & 256) != 0 ? flow.Status : 0,
        StatusClear = (bits & 256) != 0 ? ~flow.Status : 0,
    };

    private static bool Decode(in NetlinkMessage message, out ConntrackFlow flow)
    {
        bool found = ConntrackFlowView.TryCreate(message, out ConntrackFlowView view);
        flow = found ? view.ToFlow() : default;
        return found;
    }

    /// <summary>As the kernel lists a flow.</summary>
    private static void Encode(ConntrackFlow flow, NetlinkWriter writer)
    {
        writer.BeginMessage(MessageType(IPCTNL_MSG_CT_NEW), NetlinkFlags.Multi, 1);
        writer.Reserve(4)[0] = Libc.AF_INET;
        ConntrackTable.PutTuple(writer, CTA_TUPLE_ORIG, flow.Original);
        ConntrackTable.PutTuple(writer, CTA_TUPLE_REPLY, flow.Reply);
        writer.PutBigEndian(CTA_ID, flow.Id);
        writer.PutBigEndian(CTA_STATUS, flow.Status);
        writer.PutBigEndian(CTA_MARK, flow.Mark);
        writer.PutBigEndian(CTA_ZONE, flow.Zone);
        writer.PutBigEndian(CTA_TIMEOUT, flow.TimeoutSeconds);
        if (flow.TcpState is { } state)
        {
            int info = writer.BeginNested(CTA_PROTOINFO);
            int tcp = writer.BeginNested(CTA_PROTOINFO_TCP);
            writer.Put(CTA_PROTOINFO_TCP_STATE, state);
            writer.EndNested(tcp);
            writer.EndNested(info);
        }

        PutCounter(writer, CTA_COUNTERS_ORIG, flow.OriginalCounter);
        PutCounter(writer, CTA_COUNTERS_REPLY, flow.ReplyCounter);
        writer.EndMessage();
    }

    private static void PutCounter(NetlinkWriter writer, ushort type, ConntrackCounter? counter)
    {
        if (counter is { } value)
        {
            int nest = writer.BeginNested(type);
            writer.PutBigEndian(CTA_COUNTERS_PACKETS, value.Packets);
            writer.PutBigEndian(CTA_COUNTERS_BYTES, value.Bytes);
            writer.EndNested(nest);
        }
    }
}
