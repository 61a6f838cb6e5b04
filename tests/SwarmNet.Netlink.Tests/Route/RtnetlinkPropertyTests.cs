using System.Net;
using FsCheck;
using FsCheck.Fluent;

namespace SwarmNet.Netlink.Route;

/// <summary>decode(encode(x)) = x for everything that is both set and listed.</summary>
[TestFixture]
public sealed class RtnetlinkPropertyTests
{
    private static Gen<NeighbourState> State => Gen.Elements(Enum.GetValues<NeighbourState>());

    private static Gen<NeighbourFlags> Flags => Generators.U8.Select(v => (NeighbourFlags)v);

    internal static Gen<FdbEntry> Fdb =>
        from link in Generators.Link
        from mac in Generators.Mac
        from remote in Generators.Address.OrNone()
        from port in Generators.U16.OrNull()
        from vni in Generators.U32.OrNull()
        from vlan in Generators.U16.OrNull()
        from state in State
        from flags in Flags
        select new FdbEntry { Link = link, Address = mac, Remote = remote, Port = port, Vni = vni, Vlan = vlan, State = state, Flags = flags };

    internal static Gen<NeighbourEntry> Neighbour =>
        from link in Generators.Link
        from address in Generators.Address
        from mac in Generators.Mac.OrNull()
        from state in State
        from flags in Flags
        select new NeighbourEntry { Link = link, Address = address, LinkLayerAddress = mac, State = state, Flags = flags };

    internal static Gen<AddressEntry> Address =>
        from link in Generators.Link
        from addresses in Generators.AddressPair
        from hasPeer in Generators.Bool
        from prefixLength in Gen.Choose(0, addresses.First.GetAddressBytes().Length * 8)
        from scope in Generators.U8
        from flags in Generators.U32
        select new AddressEntry
        {
            Link = link,
            Address = addresses.First,
            Peer = hasPeer && !addresses.Second.Equals(addresses.First) ? addresses.Second : null,
            PrefixLength = prefixLength,
            Scope = scope,
            Flags = flags,
        };

    internal static Gen<RouteEntry> Route =>
        from networks in Generators.NetworkPair
        from gateway in (networks.First.BaseAddress.GetAddressBytes().Length == 4 ? Generators.IPv4 : Generators.IPv6).OrNone()
        from source in (networks.First.BaseAddress.GetAddressBytes().Length == 4 ? Generators.IPv4 : Generators.IPv6).OrNone()
        from link in Gen.Choose(0, int.MaxValue)
        from table in Generators.U32.Where(t => t != 0)
        from priority in Generators.U32
        from protocol in Generators.U8
        from scope in Generators.U8
        from type in Generators.U8
        from onLink in Generators.Bool
        select new RouteEntry
        {
            Destination = networks.First,
            Gateway = gateway,
            Source = source,
            Link = link,
            Table = table,
            Priority = priority,
            Protocol = protocol,
            Scope = scope,
            Type = type,
            OnLink = onLink,
        };

    internal static Gen<RuleEntry> Rule =>
        from networks in Generators.NetworkPair
        from hasFrom in Generators.Bool
        from hasTo in Generators.Bool
        from priority in Generators.U32
        from table in Generators.U32.Where(t => t != 0)
        from mark in Generators.U32.OrNull()
        from mask in Gen.Elements<uint?>(null, 0xffu, 0xf0f0u)
        from iif in Generators.LinkName.OrNone()
        from oif in Generators.LinkName.OrNone()
        select new RuleEntry
        {
            IsIPv6 = networks.First.BaseAddress.GetAddressBytes().Length == 16,
            From = hasFrom && networks.First.PrefixLength > 0 ? networks.First : null,
            To = hasTo && networks.Second.PrefixLength > 0 ? networks.Second : null,
            Priority = priority,
            Table = table,
            Mark = mark,
            MarkMask = mark is null ? null : mask,
            InInterface = iif,
            OutInterface = oif,
        };

    internal static Gen<VxlanSpec> Vxlan =>
        from name in Generators.LinkName
        from vni in Gen.Choose(0, 0xffffff)
        from port in Generators.U16
        from ends in Generators.AddressPair
        from hasLocal in Generators.Bool
        from hasRemote in Generators.Bool
        from flags in Generators.Bool.ArrayOf(10)
        from ttl in Generators.U8
        from tos in Generators.U8
        from df in Gen.Elements(VxlanDf.Unset, VxlanDf.Set, VxlanDf.Inherit)
        from ageing in Generators.U32
        from limit in Generators.U32
        from low in Generators.U16
        from high in Generators.U16
        from link in Gen.Choose(0, int.MaxValue)
        select new VxlanSpec
        {
            Name = name,
            Vni = (uint)vni,
            Port = port,
            Local = hasLocal ? ends.First : null,
            Remote = hasRemote ? ends.Second : null,
            Learning = flags[0],
            Proxy = flags[1],
            Rsc = flags[2],
            L2Miss = flags[3],
            L3Miss = flags[4],
            UdpChecksum = flags[5],
            UdpZeroChecksum6Tx = flags[6],
            UdpZeroChecksum6Rx = flags[7],
            TtlInherit = flags[8],
            GroupPolicy = flags[9],
            Ttl = ttl,
            Tos = tos,
            Df = df,
            AgeingSeconds = ageing,
            Limit = limit,
            SourcePorts = (low, high),
            Link = link,
        };

    internal static Gen<BridgeSpec> Bridge =>
        from name in Generators.LinkName
        from flags in Generators.Bool.ArrayOf(5)
        from ageing in Generators.U32
        from pvid in Generators.U16
        from mask in Generators.U16
        select new BridgeSpec
        {
            Name = name,
            AgeingTimeCentiseconds = ageing,
            Stp = flags[0],
            VlanFiltering = flags[1],
            DefaultPvid = pvid,
            MulticastSnooping = flags[2],
            NfCallIptables = flags[3],
            NfCallIp6tables = flags[4],
            GroupForwardMask = mask,
        };

    internal static Gen<BridgePortSpec> BridgePort =>
        from values in Generators.Bool.OrNull().ArrayOf(8)
        select new BridgePortSpec
        {
            Hairpin = values[0],
            Learning = values[1],
            UnicastFlood = values[2],
            MulticastFlood = values[3],
            BroadcastFlood = values[4],
            ProxyArp = values[5],
            NeighbourSuppress = values[6],
            Isolated = values[7],
        };

    [Test]
    public void Forwarding_entries() =>
        Property.RoundTrips(Fdb, static (x, w) => ((RtnetlinkBatch)w).ReplaceFdb(x), FdbEntry.TryParse, static () => new RtnetlinkBatch());

    [Test]
    public void Neighbours() =>
        Property.RoundTrips(Neighbour, static (x, w) => ((RtnetlinkBatch)w).ReplaceNeighbour(x), NeighbourEntry.TryParse, static () => new RtnetlinkBatch());

    [Test]
    public void Addresses() =>
        Property.RoundTrips(Address, static (x, w) => ((RtnetlinkBatch)w).AddAddress(x), AddressEntry.TryParse, static () => new RtnetlinkBatch());

    [Test]
    public void Routes() =>
        Property.RoundTrips(Route, static (x, w) => ((RtnetlinkBatch)w).AddRoute(x), RouteEntry.TryParse, static () => new RtnetlinkBatch());

    [Test]
    public void Rules() =>
        Property.RoundTrips(Rule, static (x, w) => ((RtnetlinkBatch)w).AddRule(x), RuleEntry.TryParse, static () => new RtnetlinkBatch());

    [Test]
    public void Vxlan_devices() => Property.Holds(Vxlan, spec => Assert.That(AddAndParse(spec).Vxlan, Is.EqualTo(new VxlanInfo
    {
        Vni = spec.Vni,
        Port = spec.Port,
        Local = spec.Local,
        Remote = spec.Remote,
        Learning = spec.Learning!.Value,
        Proxy = spec.Proxy!.Value,
        Rsc = spec.Rsc!.Value,
        L2Miss = spec.L2Miss!.Value,
        L3Miss = spec.L3Miss!.Value,
        UdpChecksum = spec.UdpChecksum!.Value,
        UdpZeroChecksum6Tx = spec.UdpZeroChecksum6Tx!.Value,
        UdpZeroChecksum6Rx = spec.UdpZeroChecksum6Rx!.Value,
        TtlInherit = spec.TtlInherit,
        GroupPolicy = spec.GroupPolicy,
        Ttl = spec.Ttl!.Value,
        Tos = spec.Tos!.Value,
        Df = spec.Df!.Value,
        AgeingSeconds = spec.AgeingSeconds!.Value,
        Limit = spec.Limit!.Value,
        SourcePorts = spec.SourcePorts!.Value,
        Link = spec.Link!.Value,
    })));

    [Test]
    public void Bridges() => Property.Holds(Bridge, spec => Assert.That(AddAndParse(spec).Bridge, Is.EqualTo(new BridgeInfo
    {
        AgeingTimeCentiseconds = spec.AgeingTimeCentiseconds!.Value,
        Stp = spec.Stp!.Value,
        VlanFiltering = spec.VlanFiltering!.Value,
        DefaultPvid = spec.DefaultPvid!.Value,
        MulticastSnooping = spec.MulticastSnooping!.Value,
        NfCallIptables = spec.NfCallIptables!.Value,
        NfCallIp6tables = spec.NfCallIp6tables!.Value,
        GroupForwardMask = spec.GroupForwardMask!.Value,
    })));

    [Test]
    public void Bridge_ports() => Property.Holds(BridgePort, port =>
    {
        var batch = new RtnetlinkBatch();
        batch.SetBridgePort(5, port);
        var reader = new NetlinkReader(batch.Written);
        reader.TryRead(out NetlinkMessage message);
        Assert.That(message.Attributes<ifinfomsg>().TryFind(RouteConstants.IFLA_PROTINFO, out NetlinkAttribute info), Is.True);
        Assert.That(BridgePortCodec.Parse(info.Nested), Is.EqualTo(port));
    });

    [Test]
    public void What_links_of_all_kinds_share() => Property.Holds(
        from name in Generators.LinkName
        from index in Generators.Link
        from mtu in Gen.Choose(68, 65535)
        from mac in Generators.Mac
        from numbers in Gen.Choose(1, int.MaxValue).ArrayOf(3)
        from mode in Gen.Elements(Enum.GetValues<MacvlanMode>())
        from up in Generators.Bool
        select new MacvlanSpec { Name = name, Index = index, Mtu = mtu, Address = mac, Group = numbers[0], Master = numbers[1], Link = numbers[2], Mode = mode, Up = up },
        spec =>
        {
            LinkEntry link = AddAndParse(spec);
            Assert.That(
                (link.Name, link.Index, link.Mtu, link.Address, link.Group, link.Master, link.Link, link.Macvlan, link.IsUp, link.Kind),
                Is.EqualTo((spec.Name, spec.Index, spec.Mtu!.Value, spec.Address, spec.Group!.Value, spec.Master!.Value, spec.Link, (MacvlanMode?)spec.Mode, spec.Up, "macvlan")));
        });

    [Test]
    public void Unknown_attributes_are_skipped() => Property.Holds(
        from fdb in Fdb from rule in Rule from type in Gen.Choose(200, 0x3fff) from length in Gen.Choose(0, 9) from bytes in Generators.Bytes(length) select (fdb, rule, type, bytes),
        sample =>
        {
            // The attribute of a later kernel comes first and last.
            var batch = new RtnetlinkBatch();
            batch.ReplaceFdb(sample.fdb).AddRule(sample.rule);
            var reader = new NetlinkReader(batch.Written);
            reader.TryRead(out NetlinkMessage fdb);
            reader.TryRead(out NetlinkMessage rule);
            Assert.That(Surrounded<FdbEntry>(fdb, FdbEntry.TryParse), Is.EqualTo(sample.fdb));
            Assert.That(Surrounded<RuleEntry>(rule, RuleEntry.TryParse), Is.EqualTo(sample.rule));

            T? Surrounded<T>(NetlinkMessage message, NetlinkParser<T> parser)
            {
                var writer = new NetlinkWriter();
                writer.BeginMessage(message.Type, message.Flags, message.Sequence);
                message.Payload[..12].CopyTo(writer.Reserve(12)); // ndmsg and fib_rule_hdr alike
                writer.Put((ushort)sample.type, sample.bytes);
                message.Payload[12..].CopyTo(writer.Reserve(message.Payload.Length - 12));
                writer.Put((ushort)sample.type, sample.bytes);
                writer.EndMessage();
                var copy = new NetlinkReader(writer.Written);
                copy.TryRead(out NetlinkMessage extended);
                return parser(extended, out T? value) ? value : default;
            }
        });

    private static LinkEntry AddAndParse(LinkSpec spec)
    {
        var batch = new RtnetlinkBatch();
        batch.AddLink(spec);
        var reader = new NetlinkReader(batch.Written);
        reader.TryRead(out NetlinkMessage message);
        Assert.That(LinkEntry.TryParse(message, out LinkEntry? link), Is.True);
        return link!;
    }
}
