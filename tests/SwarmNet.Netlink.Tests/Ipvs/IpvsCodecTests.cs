using System.Net;
using FsCheck;
using FsCheck.Fluent;
using SwarmNet.Netlink.Generic;

namespace SwarmNet.Netlink.Ipvs;

[TestFixture]
public sealed class IpvsCodecTests
{
    private static readonly GenericFamily _family = new(33, "IPVS", 1);
    private static readonly IpvsServiceId _web = IpvsServiceId.Tcp(IPAddress.Parse("10.0.0.1"), 80);

    private static Gen<IpvsAddress> Address => Generators.Address.Select(a => (IpvsAddress)a);

    private static Gen<IpvsServiceId> Id => Gen.OneOf(
        from protocol in Generators.U8 from address in Address from port in Generators.U16 select IpvsServiceId.ByAddress(protocol, address, port),
        from mark in Generators.U32.Where(m => m != 0) from ipv6 in Generators.Bool select IpvsServiceId.ByMark(mark, ipv6));

    private static Gen<IpvsService> Service =>
        from id in Id
        from scheduler in Gen.Elements("rr", "wlc", "mh", "twos", "own").Select(n => new IpvsScheduler(n))
        from flags in Gen.Choose(0, 15).Select(b => (IpvsServiceFlags)(b << 2))
        from seconds in Generators.U32
        from prefixLength in Gen.Choose(0, id.Address.IsIPv6 ? 127 : 31).Select(b => (byte)b).OrNull()
        from engine in Gen.Elements<string?>(null, "sip")
        select new IpvsService(id, scheduler)
        {
            Flags = flags,
            PersistenceSeconds = seconds,
            PersistencePrefixLength = prefixLength,
            PersistenceEngine = engine,
        };

    private static Gen<IpvsDestination> Destination =>
        from address in Address
        from port in Generators.U16
        from forwarding in Gen.Elements(Enum.GetValues<IpvsForwarding>())
        from weight in Gen.Choose(0, int.MaxValue)
        from upper in Generators.U32
        from lower in Generators.U32
        from type in Gen.Elements(Enum.GetValues<IpvsTunnelType>())
        from tunnelPort in Generators.U16
        from tunnelFlags in Generators.U16
        select new IpvsDestination(address, port, weight)
        {
            Forwarding = forwarding,
            UpperThreshold = upper,
            LowerThreshold = lower,
            Tunnel = new IpvsTunnel(type, tunnelPort, tunnelFlags),
        };

    [Test]
    public void A_service_by_address_has_the_bytes_of_the_header_file()
    {
        IpvsBatch batch = Batch().AddService(new IpvsService(_web, IpvsScheduler.WeightedRoundRobin)
        {
            Flags = IpvsServiceFlags.HashPort,
            PersistenceSeconds = 360,
            PersistencePrefixLength = 24,
        });

        Assert.That(Hex(batch), Is.EqualTo(
            "01010000" // IPVS_CMD_NEW_SERVICE, version 1
            + "5400" + "0180" // IPVS_CMD_ATTR_SERVICE, nested
            + "0600" + "0100" + "0200" + "0000" // AF_INET
            + "0600" + "0200" + "0600" + "0000" // TCP
            + "1400" + "0300" + "0a000001" + Zero(12) // a union of 16 bytes
            + "0600" + "0400" + "0050" + "0000" // port 80, big-endian
            + "0800" + "0600" + "77727200" // "wrr"
            + "0c00" + "0700" + "11000000" + "ffffffff" // persistent, flag 2; mask
            + "0800" + "0800" + "68010000" // 360 s
            + "0800" + "0900" + "ffffff00")); // netmask, big-endian
    }

    [Test]
    public void A_service_by_mark_has_the_bytes_of_the_header_file()
    {
        IpvsBatch batch = Batch().SetService(new IpvsService(IpvsServiceId.ByMark(7, ipv6: true), IpvsScheduler.MaglevHash));

        Assert.That(Hex(batch), Is.EqualTo(
            "02010000" // IPVS_CMD_SET_SERVICE
            + "3800" + "0180"
            + "0600" + "0100" + "0a00" + "0000" // AF_INET6
            + "0800" + "0500" + "07000000" // the mark
            + "0700" + "0600" + "6d6800" + "00" // "mh", padded
            + "0c00" + "0700" + "00000000" + "ffffffff"
            + "0800" + "0800" + "00000000"
            + "0800" + "0900" + "80000000")); // a prefix length, host-endian
    }

    [Test]
    public void A_destination_has_the_bytes_of_the_header_file()
    {
        IpvsBatch batch = Batch().AddDestination(_web, new IpvsDestination(IPAddress.Parse("10.0.0.9"), 8080, weight: 3)
        {
            Forwarding = IpvsForwarding.Tunnel,
            UpperThreshold = 100,
            LowerThreshold = 50,
            Tunnel = new IpvsTunnel(IpvsTunnelType.Gue, 6080, 1),
        });

        Assert.That(Hex(batch), Is.EqualTo(
            "05010000" // IPVS_CMD_NEW_DEST
            + "3000" + "0180" + "0600" + "0100" + "0200" + "0000" + "0600" + "0200" + "0600" + "0000" + "1400" + "0300" + "0a000001" + Zero(12) + "0600" + "0400" + "0050" + "0000"
            + "6000" + "0280" // IPVS_CMD_ATTR_DEST, nested
            + "0600" + "0b00" + "0200" + "0000" // AF_INET
            + "1400" + "0100" + "0a000009" + Zero(12)
            + "0600" + "0200" + "1f90" + "0000"
            + "0800" + "0300" + "02000000" // tunnel
            + "0800" + "0400" + "03000000" // weight
            + "0800" + "0500" + "64000000" // upper threshold
            + "0800" + "0600" + "32000000" // lower threshold
            + "0500" + "0d00" + "01" + "000000" // GUE
            + "0600" + "0e00" + "17c0" + "0000" // its port, big-endian
            + "0600" + "0f00" + "0100" + "0000")); // its flags
    }

    [Test]
    public void The_other_commands_have_the_bytes_of_the_header_file()
    {
        const string Mark7 = "1400" + "0180" + "0600" + "0100" + "0200" + "0000" + "0800" + "0500" + "07000000";
        IpvsServiceId mark = IpvsServiceId.ByMark(7);
        Assert.That(Hex(Batch().DeleteService(mark)), Is.EqualTo("03010000" + Mark7));
        Assert.That(Hex(Batch().DeleteDestination(mark, IPAddress.Parse("10.0.0.9"), 0)), Is.EqualTo(
            "07010000" + Mark7 + "2800" + "0280" + "0600" + "0b00" + "0200" + "0000" + "1400" + "0100" + "0a000009" + Zero(12) + "0600" + "0200" + "0000" + "0000"));
        Assert.That(Hex(Batch().Flush()), Is.EqualTo("11010000"));
        Assert.That(Hex(Batch().ZeroAll()), Is.EqualTo("10010000"));
        Assert.That(Hex(Batch().Zero(mark)), Is.EqualTo("10010000" + Mark7));
        Assert.That(Hex(Batch().SetTimeouts(new IpvsTimeouts(1, 2, 3))), Is.EqualTo(
            "0c010000" + "0800" + "0400" + "01000000" + "0800" + "0500" + "02000000" + "0800" + "0600" + "03000000"));
    }

    [Test]
    public void Services_survive_a_round_trip() => Property.RoundTrips(
        Service.Select(s => new IpvsServiceEntry(s, default)),
        static (entry, writer) => ((IpvsBatch)writer).AddService(entry.Service),
        IpvsServiceEntry.TryParse,
        Batch);

    [Test]
    public void Destinations_survive_a_round_trip() => Property.RoundTrips(
        Destination.Select(d => new IpvsDestinationEntry(d, 0, 0, 0, default)),
        static (entry, writer) => ((IpvsBatch)writer).AddDestination(_web, entry.Destination),
        IpvsDestinationEntry.TryParse,
        Batch);

    [Test]
    public void Timeouts_survive_a_round_trip() => Property.RoundTrips(
        from tcp in Generators.U32 from fin in Generators.U32 from udp in Generators.U32 select new IpvsTimeouts(tcp, fin, udp),
        static (timeouts, writer) => ((IpvsBatch)writer).SetTimeouts(timeouts),
        IpvsTimeouts.TryParse,
        Batch);

    [Test]
    public void Addresses_survive_a_round_trip() => Property.Holds(Generators.Address, address =>
    {
        IpvsAddress value = address;
        Assert.That(value.ToIPAddress(), Is.EqualTo(address));
        Assert.That(value.ToString(), Is.EqualTo(address.ToString()));
        Assert.That(value, Is.Not.EqualTo(value.IsIPv6 ? default : IpvsAddress.IPv6Any), "the family counts");
    });

    [Test]
    public void Counters_of_64_bits_are_read()
    {
        var writer = new NetlinkWriter();
        writer.BeginMessage(33, NetlinkFlags.None, 1);
        writer.Append(new GenericHeader(IpvsConstants.IPVS_CMD_NEW_DEST, 1));
        int destination = writer.BeginNested(IpvsConstants.IPVS_CMD_ATTR_DEST);
        writer.Put(IpvsConstants.IPVS_DEST_ATTR_ADDR, new byte[16]);
        foreach ((ushort nest, ulong first) in new[] { (IpvsConstants.IPVS_DEST_ATTR_STATS, 1ul), (IpvsConstants.IPVS_DEST_ATTR_STATS64, 1ul << 40) })
        {
            int statistics = writer.BeginNested(nest);
            for (ushort i = IpvsConstants.IPVS_STATS_ATTR_CONNS; i <= IpvsConstants.IPVS_STATS_ATTR_OUTBPS; i++)
            {
                writer.Put(i, first + i);
            }

            writer.EndNested(statistics);
        }

        writer.EndNested(destination);
        writer.EndMessage();

        const ulong T = 1ul << 40;
        var reader = new NetlinkReader(writer.Written);
        Assert.That(reader.TryRead(out NetlinkMessage message) && IpvsDestinationEntry.TryParse(message, out IpvsDestinationEntry entry)
            && entry.Statistics == new IpvsStatistics(T + 1, T + 2, T + 3, T + 4, T + 5, T + 6, T + 7, T + 8, T + 9, T + 10));
    }

    [Test]
    public void Hostile_messages_never_throw()
    {
        var random = new Random(TestSeed.Next());
        byte[] whole = Batch()
            .AddService(Service.Sample(1, 1).First())
            .AddDestination(_web, Destination.Sample(1, 1).First())
            .SetTimeouts(new IpvsTimeouts(1, 2, 3))
            .Written.ToArray();
        int parsed = 0;
        for (int i = 0; i < 50_000; i++)
        {
            byte[] bytes = (byte[])whole.Clone();
            for (int n = random.Next(1, 12); n > 0; n--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            var reader = new NetlinkReader(bytes.AsSpan(0, random.Next(2) == 0 ? bytes.Length : random.Next(bytes.Length)));
            while (reader.TryRead(out NetlinkMessage m))
            {
                bool any = IpvsServiceEntry.TryParse(m, out _) | IpvsDestinationEntry.TryParse(m, out _) | IpvsTimeouts.TryParse(m, out _) | IpvsInfo.TryParse(m, out _);
                parsed += any ? 1 : 0;
            }
        }

        Assert.That(parsed, Is.GreaterThan(10_000), "the mutations must leave much intact, or nothing was tested");
    }

    [Test]
    public void Encoding_and_decoding_allocate_nothing()
    {
        IpvsService service = new(_web, IpvsScheduler.MaglevHash) { PersistenceSeconds = 300 };
        IpvsDestination destination = new(IPAddress.Parse("fd00::1"), 0, 4);
        var batch = Batch();
        int read = 0;

        long allocated = AllocationMeter.SmallestOf(rounds: 5, () =>
        {
            for (int i = 0; i < 1000; i++)
            {
                batch.Clear();
                batch.AddService(service).SetService(service).AddDestination(_web, destination).SetDestination(_web, destination);
                var reader = new NetlinkReader(batch.Written);
                while (reader.TryRead(out NetlinkMessage m))
                {
                    read += IpvsServiceEntry.TryParse(m, out IpvsServiceEntry s) && s.Service == service ? 1 : 0;
                    read += IpvsDestinationEntry.TryParse(m, out IpvsDestinationEntry d) && d.Destination == destination ? 1 : 0;
                }

                batch.Clear();
                batch.DeleteDestination(_web, destination.Address, 0).DeleteService(_web).Zero(_web).ZeroAll().Flush().SetTimeouts(default);
            }
        });

        Assert.That(allocated, Is.Zero);
        Assert.That(read, Is.EqualTo(6 * 4000), "all were read, and what was read is what was written");
    }

    [Test]
    public void What_the_kernel_cannot_hold_is_refused()
    {
        Assert.That(
            () => Batch().AddService(new IpvsService(_web, IpvsScheduler.RoundRobin) { PersistencePrefixLength = 33 }),
            Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => IpvsServiceId.ByMark(0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private static IpvsBatch Batch() => new(_family, 64 * 1024);

    private static string Zero(int bytes) => new('0', bytes * 2);

    private static string Hex(IpvsBatch batch)
    {
        var reader = new NetlinkReader(batch.Written);
        Assert.That(reader.TryRead(out NetlinkMessage message), Is.True);
        Assert.That(message.Type, Is.EqualTo(_family.Id));
        return Convert.ToHexStringLower(message.Payload);
    }
}
