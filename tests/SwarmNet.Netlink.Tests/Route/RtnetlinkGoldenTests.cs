using System.Net;

namespace SwarmNet.Netlink.Route;

/// <summary>The bytes of each request, field by field as in the kernel's headers (little endian).</summary>
[TestFixture]
public sealed class RtnetlinkGoldenTests
{
    private const string Ack = "0500"; // REQUEST | ACK
    private const string Exclusive = "0506"; // and CREATE | EXCL
    private const string Replace = "0505"; // and CREATE | REPLACE
    private const string Append = "050c"; // and CREATE | APPEND
    private const string NoLink = "0000" + "0000" + "00000000" + "00000000" + "00000000"; // ifinfomsg

    [Test]
    public void Bridge() => Check(
        b => b.AddLink(new BridgeSpec
        {
            Name = "br0",
            Up = true,
            AgeingTimeCentiseconds = 30000,
            Stp = true,
            VlanFiltering = false,
            DefaultPvid = 1,
            MulticastSnooping = false,
            NfCallIptables = true,
            NfCallIp6tables = false,
            GroupForwardMask = 8,
        }),
        "1000", Exclusive,
        "0000" + "0000" + "00000000" + "01000000" + "01000000" // ifinfomsg: up, change up
        + "08000300" + "62723000" // IFLA_IFNAME
        + "54001280" + "0b000100" + "6272696467650000" // IFLA_LINKINFO { IFLA_INFO_KIND
        + "44000280" // IFLA_INFO_DATA {
        + "08000400" + "30750000" + "08000500" + "01000000" + "05000700" + "00000000" + "06002700" + "01000000"
        + "05001700" + "00000000" + "05002400" + "01000000" + "05002500" + "00000000" + "06000900" + "08000000");

    [Test]
    public void Vxlan_over_IPv6_with_every_attribute() => Check(
        b => b.AddLink(new VxlanSpec
        {
            Name = "v",
            Mtu = 1430,
            Vni = 4097,
            Port = 4789,
            Local = IPAddress.Parse("fd00::1"),
            Remote = IPAddress.IPv6Any,
            Link = 7,
            Ttl = 64,
            TtlInherit = true,
            Tos = 1,
            Df = VxlanDf.Inherit,
            Learning = false,
            Proxy = true,
            Rsc = false,
            L2Miss = true,
            L3Miss = true,
            AgeingSeconds = 300,
            Limit = 1000,
            SourcePorts = (0x1234, 0x5678),
            UdpChecksum = true,
            UdpZeroChecksum6Tx = true,
            UdpZeroChecksum6Rx = false,
            GroupPolicy = true,
        }),
        "1000", Exclusive,
        NoLink + "06000300" + "76000000" + "08000400" + "96050000" // IFLA_IFNAME, IFLA_MTU
        + "cc001280" + "0a000100" + "76786c616e000000" // IFLA_LINKINFO { IFLA_INFO_KIND
        + "bc000280" // IFLA_INFO_DATA {
        + "08000100" + "01100000" // ID
        + "14001000" + Zero(16) // GROUP6
        + "14001100" + "fd00" + Zero(13) + "01" // LOCAL6
        + "08000300" + "07000000" // LINK
        + "05000500" + "40000000" + "04001c00" + "05000600" + "01000000" + "05001d00" + "02000000" // TTL, TTL_INHERIT, TOS, DF
        + "05000700" + "00000000" + "05000b00" + "01000000" + "05000c00" + "00000000" + "05000d00" + "01000000" + "05000e00" + "01000000" // LEARNING .. L3MISS
        + "08000800" + "2c010000" + "08000900" + "e8030000" // AGEING, LIMIT
        + "08000a00" + "12345678" + "06000f00" + "12b50000" // PORT_RANGE, PORT in network order
        + "05001200" + "01000000" + "05001300" + "01000000" + "05001400" + "00000000" + "04001700"); // checksums, GBP

    [Test]
    public void Veth_and_its_peer() => Check(
        b => b.AddLink(new VethSpec { Name = "a", Group = 5, TxQueueLength = 0, Master = 3, Peer = new VethPeer { Name = "b", Index = 9, Address = MacAddress.Parse("02:42:0a:00:00:01") } }),
        "1000", Exclusive,
        NoLink + "06000300" + "61000000" + "08001b00" + "05000000" + "08000d00" + "00000000" + "08000a00" + "03000000" // IFNAME, GROUP, TXQLEN, MASTER
        + "3c001280" + "09000100" + "7665746800000000" // IFLA_LINKINFO { IFLA_INFO_KIND
        + "2c000280" + "28000180" // IFLA_INFO_DATA { VETH_INFO_PEER {
        + "0000" + "0000" + "09000000" + "00000000" + "00000000" // ifinfomsg
        + "06000300" + "62000000" + "0a000100" + "02420a000001" + "0000");

    [Test]
    public void Veth_with_a_number_of_queues_at_each_end() => Check(
        b => b.AddLink(new VethSpec { Name = "a", Queues = 1, Peer = new VethPeer { Name = "b", Queues = 2 } }),
        "1000", Exclusive,
        NoLink + "06000300" + "61000000" + "08001f00" + "01000000" + "08002000" + "01000000" // IFNAME, NUM_TX_QUEUES, NUM_RX_QUEUES
        + "40001280" + "09000100" + "7665746800000000" + "30000280" + "2c000180" + NoLink // LINKINFO, INFO_KIND, INFO_DATA, VETH_INFO_PEER
        + "06000300" + "62000000" + "08001f00" + "02000000" + "08002000" + "02000000");

    [Test]
    public void Macvlan() => Check(
        b => b.AddLink(new MacvlanSpec { Name = "m", Link = 4, Mode = MacvlanMode.Private }),
        "1000", Exclusive,
        NoLink + "06000300" + "6d000000" + "08000500" + "04000000" // IFNAME, LINK
        + "1c001280" + "0c000100" + "6d6163766c616e00" + "0c000280" + "08000100" + "01000000");

    [Test]
    public void Dummy() => Check(
        b => b.AddLink(new DummySpec { Name = "d" }),
        "1000", Exclusive, NoLink + "06000300" + "64000000" + "14001280" + "0a000100" + "64756d6d79000000" + "04000280");

    [Test]
    public void Changes_of_links()
    {
        Check(b => b.SetUp(3), "1300", Ack, Link(3, "01000000", "01000000"));
        Check(b => b.SetDown(3), "1300", Ack, Link(3, "00000000", "01000000"));
        Check(b => b.SetUp("a"), "1300", Ack, Link(0, "01000000", "01000000") + "06000300" + "61000000");
        Check(b => b.Rename(3, "x"), "1300", Ack, Link(3) + "06000300" + "78000000");
        Check(b => b.SetMaster(3, 4), "1300", Ack, Link(3) + "08000a00" + "04000000");
        Check(b => b.SetMtu(3, 1450), "1300", Ack, Link(3) + "08000400" + "aa050000");
        Check(b => b.SetAddress(3, MacAddress.Parse("02:00:00:00:00:01")), "1300", Ack, Link(3) + "0a000100" + "020000000001" + "0000");
        Check(b => b.SetGroup(3, 9), "1300", Ack, Link(3) + "08001b00" + "09000000");
        Check(b => b.SetAlias(3, "abc"), "1300", Ack, Link(3) + "08001400" + "61626300");
        Check(b => b.DeleteLink(3), "1100", Ack, Link(3));
        Check(b => b.DeleteLink("a"), "1100", Ack, NoLink + "06000300" + "61000000");
        Check(b => b.DeleteGroup(9), "1100", Ack, NoLink + "08001b00" + "09000000");
        Check(
            b => b.Reconfigure(3, new BridgeSpec { Name = "br0", MulticastSnooping = false }),
            "1000", Ack, Link(3) + "1c001280" + "0b000100" + "6272696467650000" + "0c000280" + "05001700" + "00000000");
    }

    [Test]
    public void Bridge_port() => Check(
        b => b.SetBridgePort(3, new BridgePortSpec { Hairpin = true, Learning = false, UnicastFlood = false, MulticastFlood = true, BroadcastFlood = true, ProxyArp = false, NeighbourSuppress = true, Isolated = false }),
        "1300", Ack,
        "0700" + "0000" + "03000000" + "00000000" + "00000000" // ifinfomsg of AF_BRIDGE
        + "44000c80" // IFLA_PROTINFO {
        + "05000400" + "01000000" + "05000800" + "00000000" + "05000900" + "00000000" + "05001b00" + "01000000"
        + "05001e00" + "01000000" + "05000a00" + "00000000" + "05002000" + "01000000" + "05002100" + "00000000");

    [Test]
    public void Addresses()
    {
        var address = new AddressEntry { Link = 3, Address = IPAddress.Parse("10.0.0.1"), PrefixLength = 24, Scope = 253, Flags = 0x202 };
        const string Bytes = "02" + "18" + "02" + "fd" + "03000000" + "08000200" + "0a000001" + "08000100" + "0a000001" + "08000800" + "02020000"; // LOCAL, ADDRESS, FLAGS
        Check(b => b.AddAddress(address), "1400", Exclusive, Bytes);
        Check(b => b.EnsureAddress(address), "1400", Exclusive, Bytes);
        Check(b => b.DeleteAddress(address), "1500", Ack, Bytes);
        Check(
            b => b.AddAddress(new AddressEntry { Link = 3, Address = IPAddress.Parse("fd00::1"), PrefixLength = 64 }),
            "1400", Exclusive, "0a" + "40" + "00" + "00" + "03000000" + "14000200" + "fd00" + Zero(13) + "01" + "14000100" + "fd00" + Zero(13) + "01");
    }

    [Test]
    public void Routes()
    {
        var route = new RouteEntry
        {
            Destination = IPNetwork.Parse("10.1.0.0/16"),
            Gateway = IPAddress.Parse("10.0.0.254"),
            Source = IPAddress.Parse("10.0.0.1"),
            Link = 3,
            Table = 1000,
            Priority = 7,
            OnLink = true,
        };
        const string Attributes = "08000100" + "0a010000" + "08000500" + "0a0000fe" + "08000700" + "0a000001" + "08000400" + "03000000" + "08000600" + "07000000" + "08000f00" + "e8030000";
        Check(b => b.AddRoute(route), "1800", Exclusive, "02100000" + "00" + "03" + "00" + "01" + "04000000" + Attributes); // table unspec, boot, universe, unicast, onlink
        Check(b => b.ReplaceRoute(route), "1800", Replace, "02100000" + "00" + "03" + "00" + "01" + "04000000" + Attributes);
        Check(b => b.DeleteRoute(route), "1900", Ack, "02100000" + "00" + "03" + "ff" + "01" + "04000000" + Attributes); // scope nowhere = any
        Check(
            b => b.AddRoute(new RouteEntry { Destination = IPNetwork.Parse("::/0"), Link = 3 }),
            "1800", Exclusive, "0a000000" + "fe" + "03" + "00" + "01" + "00000000" + "08000400" + "03000000"); // table main
        Check(
            b => b.AddRoute(new RouteEntry { Destination = IPNetwork.Parse("10.0.0.0/8"), Link = 3 }),
            "1800", Exclusive, "02080000" + "fe" + "03" + "fd" + "01" + "00000000" + "08000100" + "0a000000" + "08000400" + "03000000"); // scope link
    }

    [Test]
    public void Rules()
    {
        var rule = new RuleEntry { Priority = 100, Table = 1000, From = IPNetwork.Parse("10.0.0.5/32"), To = IPNetwork.Parse("10.2.0.0/16"), Mark = 3, InInterface = "i", OutInterface = "o" };
        const string Bytes = "02" + "10" + "20" + "00" + "00" + "00" + "00" + "01" + "00000000" // AF_INET, dst 16, src 32, tos, table unspec, FR_ACT_TO_TBL
            + "08000200" + "0a000005" + "08000100" + "0a020000" + "08000600" + "64000000" + "08000f00" + "e8030000" // SRC, DST, PRIORITY, TABLE
            + "08000a00" + "03000000" + "08001000" + "ffffffff" + "06000300" + "69000000" + "06001100" + "6f000000"; // FWMARK, FWMASK, IIFNAME, OIFNAME
        Check(b => b.AddRule(rule), "2000", Exclusive, Bytes);
        Check(b => b.EnsureRule(rule), "2000", Exclusive, Bytes);
        Check(b => b.DeleteRule(rule), "2100", Ack, Bytes);
        Check(
            b => b.AddRule(new RuleEntry { IsIPv6 = true, Priority = 1, Table = 100, MarkMask = 0xff, Mark = 1 }),
            "2000", Exclusive, "0a" + "00" + "00" + "00" + "64" + "00" + "00" + "01" + "00000000" + "08000600" + "01000000" + "08000a00" + "01000000" + "08001000" + "ff000000");
    }

    [Test]
    public void Neighbours()
    {
        var neighbour = new NeighbourEntry { Link = 3, Address = IPAddress.Parse("fd00::5"), LinkLayerAddress = MacAddress.Parse("02:42:0a:14:01:05") };
        const string Bytes = "0a000000" + "03000000" + "8000" + "00" + "00" + "14000100" + "fd00" + "00000000000000000000000000" + "05" + "0a000200" + "02420a140105" + "0000";
        Check(b => b.ReplaceNeighbour(neighbour), "1c00", Replace, Bytes);
        Check(b => b.DeleteNeighbour(neighbour), "1d00", Ack, Bytes);
    }

    [Test]
    public void Forwarding_entries()
    {
        var entry = new FdbEntry { Link = 3, Address = MacAddress.Parse("02:42:0a:14:01:05"), Remote = IPAddress.Parse("fd00::2"), Vlan = 5, Port = 4790, Vni = 6, Flags = NeighbourFlags.Self | NeighbourFlags.Sticky };
        const string Bytes = "07000000" + "03000000" + "8000" + "42" + "00" + "0a000200" + "02420a140105" + "0000" + "14000100" + "fd00" + "00000000000000000000000000" + "02"
            + "06000500" + "05000000" + "06000600" + "12b60000" + "08000700" + "06000000"; // VLAN, PORT in network order, VNI
        Check(b => b.ReplaceFdb(entry), "1c00", Replace, Bytes);
        Check(b => b.AppendFdb(entry), "1c00", Append, Bytes);
        Check(b => b.DeleteFdb(entry), "1d00", Ack, Bytes);
    }

    private static string Zero(int bytes) => new('0', bytes * 2);

    private static string Link(byte index, string flags = "00000000", string change = "00000000") => $"00000000{index:x2}000000{flags}{change}";

    private static void Check(Action<RtnetlinkBatch> fill, string type, string flags, string payload)
    {
        var batch = new RtnetlinkBatch();
        fill(batch);
        Assert.That(batch.Count, Is.EqualTo(1));
        string hex = Convert.ToHexStringLower(batch.Written);
        Assert.That(hex[8..12], Is.EqualTo(type), "type");
        Assert.That(hex[12..16], Is.EqualTo(flags), "flags");
        Assert.That(hex[32..], Is.EqualTo(payload));
    }
}
