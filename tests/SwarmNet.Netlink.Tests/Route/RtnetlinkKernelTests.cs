using System.Net;
using System.Text.Json;
using SwarmNet.Linux;

namespace SwarmNet.Netlink.Route;

/// <summary>Our changes as <c>ip</c> and <c>bridge</c> list them, and their changes as we list them.</summary>
[TestFixture]
[Category("Kernel")]
public sealed class RtnetlinkKernelTests
{
    private TestNamespace _host = null!;
    private Rtnetlink _rtnetlink = null!;

    [SetUp]
    public void Open()
    {
        _host = new TestNamespace();
        _rtnetlink = Rtnetlink.Open(_host.Namespace);
    }

    [TearDown]
    public void Close()
    {
        _rtnetlink.Dispose();
        _host.Dispose();
    }

    [Test]
    public void A_veth_pair_is_born_with_its_ends_in_two_namespaces()
    {
        using var a = new TestNamespace();
        using var b = new TestNamespace();
        Execute(batch => batch.AddLink(new VethSpec
        {
            Name = "eth0",
            Namespace = a.Namespace,
            Mtu = 1400,
            Address = MacAddress.Parse("02:42:0a:00:00:01"),
            Up = true,
            Group = 5,
            Queues = 1,
            Peer = new VethPeer { Name = "eth0", Namespace = b.Namespace, Queues = 3, Mtu = 1400, Address = MacAddress.Parse("02:42:0a:00:00:02") },
        }));

        using Rtnetlink inB = Rtnetlink.Open(b.Namespace);
        inB.Execute(new RtnetlinkBatch().SetUp("eth0"));

        JsonElement linkA = Json(a, "ip", "-j -d link show dev eth0");
        Assert.That(linkA.GetProperty("address").GetString(), Is.EqualTo("02:42:0a:00:00:01"));
        Assert.That(linkA.GetProperty("mtu").GetInt32(), Is.EqualTo(1400));
        Assert.That(linkA.GetProperty("operstate").GetString(), Is.EqualTo("UP"));
        Assert.That(linkA.GetProperty("group").GetString(), Is.EqualTo("5"));
        Assert.That(linkA.GetProperty("linkinfo").GetProperty("info_kind").GetString(), Is.EqualTo("veth"));
        JsonElement linkB = Json(b, "ip", "-j -d link show dev eth0");
        Assert.That(linkB.GetProperty("address").GetString(), Is.EqualTo("02:42:0a:00:00:02"));
        Assert.That((linkA.GetProperty("num_tx_queues").GetInt32(), linkB.GetProperty("num_rx_queues").GetInt32()), Is.EqualTo((1, 3)));
        Assert.That(_rtnetlink.GetLinks().Select(l => l.Kind), Does.Not.Contain("veth"));

        using Rtnetlink inA = Rtnetlink.Open(a.Namespace);
        LinkEntry link = inA.GetLink("eth0");
        Assert.That((link.Kind, link.Mtu, link.Group, link.IsUp), Is.EqualTo(("veth", 1400, 5, true)));
        Assert.That(link.LinkNamespaceId, Is.Not.Null, "the peer is elsewhere");
    }

    [Test]
    public void A_bridge_and_its_ports_have_the_settings_asked_for()
    {
        Execute(batch => batch
            .AddLink(new BridgeSpec { Name = "br0", Index = 100, Up = true, Stp = false, AgeingTimeCentiseconds = 12300, DefaultPvid = 0, MulticastSnooping = false, NfCallIptables = true })
            .AddLink(new VethSpec { Name = "p0", Index = 101, Master = 100, Up = true, Peer = new VethPeer { Name = "p1", Index = 102 } })
            .SetBridgePort(101, new BridgePortSpec { Learning = false, UnicastFlood = false, Hairpin = true, NeighbourSuppress = true }));

        JsonElement data = Json(_host, "ip", "-j -d link show dev br0").GetProperty("linkinfo").GetProperty("info_data");
        Assert.That(data.GetProperty("ageing_time").GetInt32(), Is.EqualTo(12300));
        JsonElement port = Json(_host, "ip", "-j -d link show dev p0");
        Assert.That(port.GetProperty("master").GetString(), Is.EqualTo("br0"));
        JsonElement portData = port.GetProperty("linkinfo").GetProperty("info_slave_data");
        Assert.That(portData.GetProperty("learning").GetBoolean(), Is.False);
        Assert.That(portData.GetProperty("flood").GetBoolean(), Is.False);
        Assert.That(portData.GetProperty("hairpin").GetBoolean(), Is.True);
        Assert.That(portData.GetProperty("neigh_suppress").GetBoolean(), Is.True);

        LinkEntry bridge = _rtnetlink.GetLink(100);
        Assert.That((bridge.Bridge!.Value.AgeingTimeCentiseconds, bridge.Bridge.Value.MulticastSnooping, bridge.Bridge.Value.NfCallIptables), Is.EqualTo((12300u, false, true)));
        LinkEntry link = _rtnetlink.GetLink("p0");
        Assert.That((link.Index, link.Master, link.Link, link.PortKind), Is.EqualTo((101, 100, 102, "bridge")));
        Assert.That((link.BridgePort!.Value.Learning, link.BridgePort.Value.Hairpin, link.BridgePort.Value.BroadcastFlood), Is.EqualTo(((bool?)false, (bool?)true, (bool?)true)));
    }

    [Test]
    public void A_vxlan_device_born_elsewhere_keeps_its_settings()
    {
        using var overlay = new TestNamespace();
        Execute(batch => batch.AddLink(new VxlanSpec
        {
            Name = "vxlan0",
            Namespace = overlay.Namespace,
            Vni = 4097,
            Port = 4789,
            Local = IPAddress.Parse("10.9.8.7"),
            Learning = false,
            Proxy = true,
            L2Miss = true,
            L3Miss = false,
            UdpChecksum = true,
            AgeingSeconds = 77,
            Mtu = 1450,
            SourcePorts = (20000, 30000),
            Ttl = 9,
            UdpZeroChecksum6Rx = true,
            Up = true,
        }));

        JsonElement data = Json(overlay, "ip", "-j -d link show dev vxlan0").GetProperty("linkinfo").GetProperty("info_data");
        Assert.That(data.GetProperty("id").GetInt32(), Is.EqualTo(4097));
        Assert.That(data.GetProperty("port").GetInt32(), Is.EqualTo(4789));
        Assert.That(data.GetProperty("local").GetString(), Is.EqualTo("10.9.8.7"));
        Assert.That(data.GetProperty("learning").GetBoolean(), Is.False);
        Assert.That(data.GetProperty("proxy").GetBoolean(), Is.True);
        Assert.That(data.GetProperty("l2miss").GetBoolean(), Is.True);
        Assert.That(data.TryGetProperty("l3miss", out JsonElement l3) && l3.GetBoolean(), Is.False);
        Assert.That(data.GetProperty("ageing").GetInt32(), Is.EqualTo(77));
        Assert.That(data.GetProperty("port_range").GetProperty("low").GetInt32(), Is.EqualTo(20000));
        Assert.That(data.GetProperty("port_range").GetProperty("high").GetInt32(), Is.EqualTo(30000));
        Assert.That(data.GetProperty("ttl").GetInt32(), Is.EqualTo(9));

        using Rtnetlink inside = Rtnetlink.Open(overlay.Namespace);
        Assert.That(inside.GetLink("vxlan0").Vxlan, Is.EqualTo(new VxlanInfo
        {
            Vni = 4097,
            Port = 4789,
            Local = IPAddress.Parse("10.9.8.7"),
            Proxy = true,
            L2Miss = true,
            UdpChecksum = true,
            AgeingSeconds = 77,
            Ttl = 9,
            SourcePorts = (20000, 30000),
            UdpZeroChecksum6Rx = true,
        }));
        Assert.That(_host.Exec("ss", "-lun"), Does.Contain(":4789"), "the UDP socket lives where the netlink socket is");
        Assert.That(overlay.Exec("ss", "-lun"), Does.Not.Contain(":4789"));
    }

    [Test]
    public void Links_are_changed_moved_and_deleted()
    {
        using var other = new TestNamespace();
        Execute(batch => batch.AddLink(Veth("a", 11, "b", 12)).AddLink(new BridgeSpec { Name = "br", Index = 13 }));
        Execute(batch => batch
            .SetMtu("a", 1300)
            .SetAddress(11, MacAddress.Parse("02:00:00:00:00:aa"))
            .SetAlias("a", "the alias")
            .SetGroup("a", 3)
            .SetMaster("a", 13)
            .SetUp("a")
            .Rename(12, "renamed"));

        LinkEntry a = _rtnetlink.GetLink(11);
        Assert.That((a.Mtu, a.Address.ToString(), a.Alias, a.Group, a.Master, a.IsUp), Is.EqualTo((1300, "02:00:00:00:00:aa", "the alias", 3, 13, true)));
        Assert.That(_rtnetlink.GetLink(12).Name, Is.EqualTo("renamed"));

        Execute(batch => batch.SetDown("a").SetMaster("a", 0).Move(12, other.Namespace, "eth7"));
        Assert.That((_rtnetlink.GetLink("a").Master, _rtnetlink.GetLink("a").IsUp), Is.EqualTo((0, false)));
        Assert.That(Json(other, "ip", "-j link show dev eth7").GetProperty("ifname").GetString(), Is.EqualTo("eth7"));

        Execute(batch => batch.DeleteLink("a").DeleteLink("nothing", ignoreMissing: true));
        Assert.That(_rtnetlink.FindLink("a"), Is.Null);
        Assert.That(() => _rtnetlink.GetLink("a"), Throws.TypeOf<NetlinkException>().With.Message.Contains("get link a"));
        Assert.That(() => Execute(batch => batch.DeleteLink("a")), Throws.TypeOf<NetlinkException>().With.Property("Errno").EqualTo(Errno.ENODEV));
    }

    [Test]
    public void A_group_of_links_is_deleted_at_once()
    {
        Execute(batch =>
        {
            for (int i = 0; i < 50; i++)
            {
                batch.AddLink(new VethSpec { Name = $"a{i}", Group = 77, Peer = new VethPeer { Name = $"b{i}", Group = 77 } });
            }
        });
        Assert.That(_rtnetlink.GetLinks().Count(l => l.Group == 77), Is.EqualTo(100));

        Execute(batch => batch.DeleteGroup(77).DeleteGroup(78));

        Assert.That(_rtnetlink.GetLinks().Count(l => l.Kind == "veth"), Is.Zero);
    }

    [Test]
    public void Addresses_are_set_listed_and_removed()
    {
        Execute(batch => batch.AddLink(Veth("a", 11, "b", 12)).SetUp("a"));
        var four = new AddressEntry { Link = 11, Address = IPAddress.Parse("10.20.1.5"), PrefixLength = 24 };
        var six = new AddressEntry { Link = 11, Address = IPAddress.Parse("fd00::5"), PrefixLength = 64, Flags = 0x02 };
        Execute(batch => batch.AddAddress(four).AddAddress(six).EnsureAddress(four));

        JsonElement[] infos = [.. Json(_host, "ip", "-j addr show dev a").GetProperty("addr_info").EnumerateArray()];
        Assert.That(infos.Select(i => $"{i.GetProperty("local").GetString()}/{i.GetProperty("prefixlen").GetInt32()}"), Is.SupersetOf(new[] { "10.20.1.5/24", "fd00::5/64" }));
        IReadOnlyList<AddressEntry> listed = _rtnetlink.GetAddresses(11);
        Assert.That(listed.Select(a => (a.Address, a.PrefixLength, a.Link)), Is.SupersetOf(new[] { (four.Address, 24, 11), (six.Address, 64, 11) }));
        Assert.That(_rtnetlink.GetAddresses().Select(a => a.Address), Does.Contain(IPAddress.Loopback));
        Assert.That(() => Execute(batch => batch.AddAddress(four)), Throws.TypeOf<NetlinkException>().With.Property("Errno").EqualTo(Errno.EEXIST));

        Execute(batch => batch.DeleteAddress(four).DeleteAddress(four, ignoreMissing: true));
        Assert.That(_rtnetlink.GetAddresses(11).Select(a => a.Address), Does.Not.Contain(four.Address));
    }

    [Test]
    public void Routes_and_rules_are_set_listed_and_removed()
    {
        Execute(batch => batch.AddLink(Veth("a", 11, "b", 12)).SetUp("a").SetUp("b")
            .AddAddress(new AddressEntry { Link = 11, Address = IPAddress.Parse("10.20.1.5"), PrefixLength = 24 }));
        var viaGateway = new RouteEntry { Destination = IPNetwork.Parse("0.0.0.0/0"), Gateway = IPAddress.Parse("10.20.1.1"), Link = 11 };
        var onLink = new RouteEntry { Destination = IPNetwork.Parse("0.0.0.0/0"), Gateway = IPAddress.Parse("10.99.0.1"), Link = 11, Table = 1000, OnLink = true };
        var direct = new RouteEntry { Destination = IPNetwork.Parse("10.30.0.0/16"), Link = 11, Priority = 7, Source = IPAddress.Parse("10.20.1.5") };
        var rule = new RuleEntry { Priority = 500, Table = 1000, From = IPNetwork.Parse("10.20.1.5/32") };
        var marked = new RuleEntry { Priority = 501, Table = 100, Mark = 0x10, MarkMask = 0xff, InInterface = "a" };
        Execute(batch => batch.AddRoute(viaGateway).AddRoute(onLink).AddRoute(direct).AddRule(rule).AddRule(marked).EnsureRule(rule));

        Assert.That(_host.Exec("ip", "route show"), Does.Contain("default via 10.20.1.1 dev a").And.Contain("10.30.0.0/16 dev a scope link src 10.20.1.5 metric 7"));
        Assert.That(_host.Exec("ip", "route show table 1000"), Does.Contain("default via 10.99.0.1 dev a onlink"));
        Assert.That(_host.Exec("ip", "rule show"), Does.Contain("500:\tfrom 10.20.1.5 lookup 1000").And.Contain("501:\tfrom all fwmark 0x10/0xff iif a lookup 100"));
        Assert.That(_rtnetlink.GetRoutes(), Does.Contain(viaGateway with { Scope = 0 }).And.Contain(direct with { Scope = 253 }));
        Assert.That(_rtnetlink.GetRoutes(1000), Is.EqualTo(new[] { onLink with { Scope = 0 } }));
        Assert.That(_rtnetlink.GetRoutes(4242), Is.Empty);
        Assert.That(_rtnetlink.GetRules(), Does.Contain(rule).And.Contain(marked));

        Execute(batch => batch.ReplaceRoute(viaGateway with { Gateway = IPAddress.Parse("10.20.1.2") }));
        Assert.That(_host.Exec("ip", "route show default"), Does.Contain("via 10.20.1.2").And.Not.Contain("via 10.20.1.1 "));
        Execute(batch => batch.DeleteRoute(direct).DeleteRoute(direct, ignoreMissing: true).DeleteRule(rule).DeleteRule(rule, ignoreMissing: true));
        Assert.That(_host.Exec("ip", "route show"), Does.Not.Contain("10.30.0.0"));
        Assert.That(_rtnetlink.GetRules(), Does.Not.Contain(rule));
    }

    [Test]
    public void Neighbours_and_forwarding_entries_are_set_listed_and_removed()
    {
        MacAddress mac = MacAddress.Parse("02:42:0a:14:01:05");
        Execute(batch => batch
            .AddLink(new BridgeSpec { Name = "br0", Index = 100, Up = true })
            .AddLink(new VxlanSpec { Name = "vx0", Index = 101, Vni = 7, Learning = false, Master = 100, Up = true }));
        var fdb = new FdbEntry { Link = 101, Address = mac, Remote = IPAddress.Parse("192.168.5.2") };
        var onBridge = new FdbEntry { Link = 101, Address = mac, Flags = NeighbourFlags.Master, State = NeighbourState.NoArp };
        var neighbour = new NeighbourEntry { Link = 101, Address = IPAddress.Parse("10.20.1.5"), LinkLayerAddress = mac };
        Execute(batch => batch.ReplaceFdb(fdb).ReplaceFdb(onBridge).ReplaceNeighbour(neighbour));

        JsonElement[] entries = [.. JsonArray(_host, "bridge", "-j fdb show dev vx0")];
        Assert.That(entries.Count(e => e.GetProperty("mac").GetString() == mac.ToString() && e.TryGetProperty("dst", out JsonElement d) && d.GetString() == "192.168.5.2"), Is.EqualTo(1));
        Assert.That(entries.Count(e => e.GetProperty("mac").GetString() == mac.ToString() && e.TryGetProperty("master", out JsonElement m) && m.GetString() == "br0"), Is.EqualTo(1));
        Assert.That(_host.Exec("ip", "neigh show dev vx0"), Does.Contain("10.20.1.5 lladdr 02:42:0a:14:01:05 PERMANENT"));

        FdbEntry[] listed = [.. _rtnetlink.GetFdb(101).Where(e => e.Address == mac)];
        Assert.That(listed.Select(e => (e.Remote, e.Flags & (NeighbourFlags.Self | NeighbourFlags.Master), e.Master)), Is.EquivalentTo(new[]
        {
            (fdb.Remote, NeighbourFlags.Self, (int?)null),
            (null, NeighbourFlags.Master, (int?)100),
        }).Or.EquivalentTo(new[] { (fdb.Remote, NeighbourFlags.Self, (int?)null), (null, NeighbourFlags.None, (int?)100) }));
        Assert.That(Permanent(), Is.EqualTo(new[] { neighbour }), "beside the kernel's own multicast entries");

        Execute(batch => batch.ReplaceFdb(fdb with { Remote = IPAddress.Parse("192.168.5.3") }));
        Assert.That(_rtnetlink.GetFdb(101).Where(e => e.Remote is not null).Select(e => e.Remote!.ToString()), Is.EqualTo(new[] { "192.168.5.3" }));
        Execute(batch => batch.DeleteFdb(fdb with { Remote = null }).DeleteFdb(onBridge).DeleteFdb(onBridge, ignoreMissing: true).DeleteNeighbour(neighbour).DeleteNeighbour(neighbour, ignoreMissing: true));
        Assert.That(_rtnetlink.GetFdb(101).Where(e => e.Address == mac), Is.Empty);
        Assert.That(Permanent(), Is.Empty);

        IEnumerable<NeighbourEntry> Permanent() => _rtnetlink.GetNeighbours(101).Where(n => n.State == NeighbourState.Permanent);
    }

    [Test]
    public void Ten_thousand_forwarding_entries_arrive_and_are_listed()
    {
        Execute(batch => batch.AddLink(new VxlanSpec { Name = "vx0", Index = 101, Vni = 7, Learning = false, Up = true }));
        Execute(batch =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                batch.ReplaceFdb(new FdbEntry { Link = 101, Address = new MacAddress(2, 0, 0, 0, (byte)(i >> 8), (byte)i), Remote = IPAddress.Parse("192.168.5.2") });
            }
        });

        Assert.That(_rtnetlink.GetFdb(101), Has.Count.EqualTo(10_000));
    }

    [Test]
    public void A_vxlan_device_over_IPv6_has_the_settings_asked_for()
    {
        Execute(batch => batch
            .AddLink(Veth("u", 50, "w", 51)).SetUp("u").SetUp("w")
            .AddAddress(new AddressEntry { Link = 50, Address = IPAddress.Parse("fd00::1"), PrefixLength = 64, Flags = 2 })
            .AddLink(new VxlanSpec
            {
                Name = "vx6",
                Index = 60,
                Vni = 4098,
                Port = 4790,
                Local = IPAddress.Parse("fd00::1"),
                Remote = IPAddress.IPv6Any,
                Link = 50,
                Tos = 1,
                TtlInherit = true,
                Df = VxlanDf.Set,
                Learning = false,
                Rsc = true,
                Limit = 500,
                UdpZeroChecksum6Tx = true,
                UdpZeroChecksum6Rx = true,
            }));

        JsonElement data = Json(_host, "ip", "-j -d link show dev vx6").GetProperty("linkinfo").GetProperty("info_data");
        Assert.That(data.GetProperty("local6").GetString(), Is.EqualTo("fd00::1"));
        Assert.That(data.GetProperty("link").GetString(), Is.EqualTo("u"));
        Assert.That(data.GetProperty("df").GetString(), Is.EqualTo("set"));
        Assert.That(data.GetProperty("tos").GetString(), Is.EqualTo("0x1").Or.EqualTo("inherit"));
        Assert.That(data.GetProperty("rsc").GetBoolean(), Is.True);
        Assert.That(data.GetProperty("limit").GetInt32(), Is.EqualTo(500));
        Assert.That(data.GetProperty("udp_zero_csum6_tx").GetBoolean(), Is.True);
        Assert.That(data.GetProperty("udp_zero_csum6_rx").GetBoolean(), Is.True);
        VxlanInfo listed = _rtnetlink.GetLink("vx6").Vxlan!.Value;
        Assert.That(listed, Is.EqualTo(new VxlanInfo
        {
            Vni = 4098,
            Port = 4790,
            Local = IPAddress.Parse("fd00::1"),
            Link = 50,
            Tos = 1,
            TtlInherit = true,
            Df = VxlanDf.Set,
            Rsc = true,
            Limit = 500,
            AgeingSeconds = 300,
            UdpChecksum = listed.UdpChecksum, // of no use over IPv6
            UdpZeroChecksum6Tx = true,
            UdpZeroChecksum6Rx = true,
        }));

        MacAddress mac = MacAddress.Parse("02:42:0a:14:01:06");
        Execute(batch => batch.SetUp(60).ReplaceFdb(new FdbEntry { Link = 60, Address = mac, Remote = IPAddress.Parse("fd00::2"), Port = 4791, Vni = 9 }));
        Assert.That(_host.Exec("bridge", "fdb show dev vx6"), Does.Contain("02:42:0a:14:01:06 dst fd00::2 port 4791 vni 9 link-netnsid").Or.Contain("02:42:0a:14:01:06 dst fd00::2 port 4791 vni 9 self permanent"));
        FdbEntry entry = _rtnetlink.GetFdb(60).Single(e => e.Address == mac);
        Assert.That((entry.Remote, entry.Port, entry.Vni), Is.EqualTo((IPAddress.Parse("fd00::2"), (ushort?)4791, (uint?)9)));
    }

    [Test]
    public void A_default_destination_takes_several_remotes()
    {
        Execute(batch => batch.AddLink(new VxlanSpec { Name = "vx0", Index = 101, Vni = 7, Learning = false, Up = true }));
        Execute(batch => batch
            .AppendFdb(new FdbEntry { Link = 101, Address = default, Remote = IPAddress.Parse("192.168.5.2") })
            .AppendFdb(new FdbEntry { Link = 101, Address = default, Remote = IPAddress.Parse("192.168.5.3") }));

        Assert.That(_rtnetlink.GetFdb(101).Select(e => e.Remote!.ToString()), Is.EquivalentTo(new[] { "192.168.5.2", "192.168.5.3" }));
        Assert.That(JsonArray(_host, "bridge", "-j fdb show dev vx0").Select(e => e.GetProperty("dst").GetString()), Is.EquivalentTo(new[] { "192.168.5.2", "192.168.5.3" }));
    }

    [Test]
    public void A_macvlan_link_sits_on_another_one()
    {
        using var inside = new TestNamespace();
        Execute(batch => batch
            .AddLink(Veth("u", 50, "w", 51)).SetUp("u").SetUp("w")
            .AddLink(new MacvlanSpec { Name = "eth0", Namespace = inside.Namespace, Link = 50, Mode = MacvlanMode.Private, Address = MacAddress.Parse("02:42:0a:00:00:09"), Up = true }));

        JsonElement link = Json(inside, "ip", "-j -d link show dev eth0");
        Assert.That(link.GetProperty("address").GetString(), Is.EqualTo("02:42:0a:00:00:09"));
        Assert.That(link.GetProperty("linkinfo").GetProperty("info_kind").GetString(), Is.EqualTo("macvlan"));
        Assert.That(link.GetProperty("linkinfo").GetProperty("info_data").GetProperty("mode").GetString(), Is.EqualTo("private"));
        using Rtnetlink rtnetlink = Rtnetlink.Open(inside.Namespace);
        LinkEntry listed = rtnetlink.GetLink("eth0");
        Assert.That((listed.Kind, listed.Macvlan, listed.Link), Is.EqualTo(("macvlan", (MacvlanMode?)MacvlanMode.Private, 50)));
    }

    [Test]
    public void IPv6_addresses_routes_rules_and_neighbours_are_set_and_listed()
    {
        Execute(batch => batch.AddLink(Veth("a", 11, "b", 12)).SetUp("a").SetUp("b"));
        var address = new AddressEntry { Link = 11, Address = IPAddress.Parse("fd00:1::5"), PrefixLength = 64, Flags = 0x02 };
        var viaGateway = new RouteEntry { Destination = IPNetwork.Parse("::/0"), Gateway = IPAddress.Parse("fd00:1::1"), Link = 11, Priority = 1024 };
        var direct = new RouteEntry { Destination = IPNetwork.Parse("fd00:2::/48"), Link = 11, Table = 1000, Priority = 7 };
        var blackhole = new RouteEntry { Destination = IPNetwork.Parse("fd00:3::/48"), Type = 6, Table = 1000, Priority = 9 };
        var rule = new RuleEntry { IsIPv6 = true, Priority = 500, Table = 1000, From = IPNetwork.Parse("fd00:1::5/128"), To = IPNetwork.Parse("fd00:2::/48"), Mark = 1, OutInterface = "a" };
        var neighbour = new NeighbourEntry { Link = 11, Address = IPAddress.Parse("fd00:1::9"), LinkLayerAddress = MacAddress.Parse("02:42:0a:00:00:09") };
        Execute(batch => batch.AddAddress(address).AddRoute(viaGateway).AddRoute(direct).AddRoute(blackhole).AddRule(rule).ReplaceNeighbour(neighbour));

        Assert.That(_host.Exec("ip", "-6 addr show dev a"), Does.Contain("inet6 fd00:1::5/64 scope global nodad"));
        Assert.That(_host.Exec("ip", "-6 route show"), Does.Contain("default via fd00:1::1 dev a"));
        Assert.That(_host.Exec("ip", "-6 route show table 1000"), Does.Contain("fd00:2::/48 dev a metric 7").And.Contain("blackhole fd00:3::/48"));
        Assert.That(_host.Exec("ip", "-6 rule show"), Does.Contain("500:\tfrom fd00:1::5 to fd00:2::/48 fwmark 0x1 oif a lookup 1000"));
        Assert.That(_host.Exec("ip", "-6 neigh show dev a"), Does.Contain("fd00:1::9 lladdr 02:42:0a:00:00:09 PERMANENT"));
        Assert.That(_rtnetlink.GetAddresses(11).Single(a => a.Address.Equals(address.Address)).PrefixLength, Is.EqualTo(64));
        Assert.That(_rtnetlink.GetRoutes(), Does.Contain(viaGateway with { Scope = 0 }));
        Assert.That(_rtnetlink.GetRoutes(1000), Does.Contain(direct with { Scope = 0 }));
        Assert.That(_rtnetlink.GetRoutes(1000).Single(r => r.Destination == blackhole.Destination).Type, Is.EqualTo(6));
        Assert.That(_rtnetlink.GetRules(ipv6: true), Does.Contain(rule));
        Assert.That(_rtnetlink.GetNeighbours(11), Does.Contain(neighbour));

        Execute(batch => batch.DeleteNeighbour(neighbour).DeleteRule(rule).DeleteRoute(direct).DeleteRoute(blackhole with { Type = 6 }).DeleteRoute(viaGateway).DeleteAddress(address));
        Assert.That(_rtnetlink.GetRoutes(1000), Is.Empty);
        Assert.That(_rtnetlink.GetRules(ipv6: true), Does.Not.Contain(rule));
        Assert.That(_host.Exec("ip", "-6 addr show dev a"), Does.Not.Contain("fd00:1::5"));
    }

    [Test]
    public void The_route_to_an_address_is_the_entry_of_the_table()
    {
        Execute(batch => batch.AddLink(Veth("a", 11, "b", 12)).SetUp("a").SetUp("b")
            .AddAddress(new AddressEntry { Link = 11, Address = IPAddress.Parse("10.20.1.5"), PrefixLength = 24 })
            .AddAddress(new AddressEntry { Link = 11, Address = IPAddress.Parse("fd00:1::5"), PrefixLength = 64, Flags = 2 })
            .AddRoute(new RouteEntry { Destination = IPNetwork.Parse("10.30.0.0/16"), Gateway = IPAddress.Parse("10.20.1.1") })
            .AddRoute(new RouteEntry { Destination = IPNetwork.Parse("fd00:3::/48"), Gateway = IPAddress.Parse("fd00:1::1") }));

        RouteEntry? connected = _rtnetlink.FindRoute(IPAddress.Parse("10.20.1.9"));
        Assert.That((connected?.Destination, connected?.Link, connected?.Source), Is.EqualTo(((IPNetwork?)IPNetwork.Parse("10.20.1.0/24"), (int?)11, IPAddress.Parse("10.20.1.5"))));
        RouteEntry? routed = _rtnetlink.FindRoute(IPAddress.Parse("10.30.7.7"));
        Assert.That((routed?.Destination, routed?.Gateway), Is.EqualTo(((IPNetwork?)IPNetwork.Parse("10.30.0.0/16"), IPAddress.Parse("10.20.1.1"))));
        RouteEntry? routed6 = _rtnetlink.FindRoute(IPAddress.Parse("fd00:3::7"));
        Assert.That((routed6?.Destination, routed6?.Gateway), Is.EqualTo(((IPNetwork?)IPNetwork.Parse("fd00:3::/48"), IPAddress.Parse("fd00:1::1"))));
        Assert.That(_rtnetlink.FindRoute(IPAddress.Parse("8.8.8.8")), Is.Null);
        Assert.That(_rtnetlink.FindRoute(IPAddress.Parse("2001:db8::1")), Is.Null);
    }

    [Test]
    public void Namespaces_have_numbers()
    {
        using var other = new TestNamespace();
        using var third = new TestNamespace();
        Assert.That(_rtnetlink.GetNamespaceId(other.Namespace), Is.Null);

        Execute(batch => batch.SetNamespaceId(other.Namespace, 42));
        Assert.That(_rtnetlink.GetNamespaceId(other.Namespace), Is.EqualTo(42));
        Execute(batch => batch.AddLink(new VethSpec { Name = "a", Peer = new VethPeer { Name = "b", Namespace = third.Namespace } }));
        int? byKernel = _rtnetlink.GetNamespaceId(third.Namespace);
        Assert.That(_rtnetlink.GetLink("a").LinkNamespaceId, Is.EqualTo(byKernel).And.Not.Null);
        Assert.That(_rtnetlink.GetNamespaceIds(), Is.EquivalentTo(new[] { 42, byKernel!.Value }));
        Assert.That(_host.Exec("ip", "netns list-id"), Does.Contain("nsid 42"));
        Assert.That(
            () => Execute(batch => batch.SetNamespaceId(other.Namespace, 43)),
            Throws.TypeOf<NetlinkException>().With.Property(nameof(NetlinkException.Errno)).EqualTo(Errno.EEXIST));
    }

    [Test]
    public void Settings_of_a_bridge_and_a_vxlan_device_are_changed_in_place()
    {
        Execute(batch => batch
            .AddLink(new BridgeSpec { Name = "br0", Index = 100, MulticastSnooping = true })
            .AddLink(new VxlanSpec { Name = "vx0", Index = 101, Vni = 7, Learning = true }));

        Execute(batch => batch
            .Reconfigure(100, new BridgeSpec { Name = "br0", MulticastSnooping = false, NfCallIptables = true, GroupForwardMask = 8 })
            .Reconfigure(101, new VxlanSpec { Name = "vx0", Vni = 7, Learning = false, AgeingSeconds = 5 }));

        BridgeInfo bridge = _rtnetlink.GetLink(100).Bridge!.Value;
        Assert.That((bridge.MulticastSnooping, bridge.NfCallIptables, bridge.GroupForwardMask), Is.EqualTo((false, true, (ushort)8)));
        VxlanInfo vxlan = _rtnetlink.GetLink(101).Vxlan!.Value;
        Assert.That((vxlan.Learning, vxlan.AgeingSeconds), Is.EqualTo((false, 5u)));
        Assert.That(Json(_host, "ip", "-j -d link show dev vx0").GetProperty("linkinfo").GetProperty("info_data").GetProperty("ageing").GetInt32(), Is.EqualTo(5));
        Assert.That(
            () => Execute(batch => batch.Reconfigure(101, new VxlanSpec { Name = "vx0", Vni = 8 })),
            Throws.TypeOf<NetlinkException>().With.Message.StartsWith("reconfigure link vx0: ").And.Message.Contains("Cannot change VNI"));
    }

    private static VethSpec Veth(string name, int index, string peer, int peerIndex) =>
        new() { Name = name, Index = index, Peer = new VethPeer { Name = peer, Index = peerIndex } };

    private static JsonElement Json(TestNamespace ns, string tool, string arguments) => JsonArray(ns, tool, arguments).First();

    private static IEnumerable<JsonElement> JsonArray(TestNamespace ns, string tool, string arguments) =>
        JsonDocument.Parse(ns.Exec(tool, arguments)).RootElement.EnumerateArray().Where(e => e.EnumerateObject().Any());

    private void Execute(Action<RtnetlinkBatch> fill)
    {
        var batch = new RtnetlinkBatch();
        fill(batch);
        _rtnetlink.Execute(batch);
    }
}
