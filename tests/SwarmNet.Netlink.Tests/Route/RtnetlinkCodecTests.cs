using System.Net;

namespace SwarmNet.Netlink.Route;

[TestFixture]
public sealed class RtnetlinkCodecTests
{
    [Test]
    public void Vxlan_has_the_attributes_that_iproute2_was_seen_to_send()
    {
        // ip link add vx0 mtu 1450 type vxlan id 4097 dstport 4789 learning proxy l2miss l3miss
        var batch = new RtnetlinkBatch();
        batch.AddLink(new VxlanSpec { Name = "vx0", Mtu = 1450, Vni = 4097, Learning = true, Proxy = true, L2Miss = true, L3Miss = true });

        var reader = new NetlinkReader(batch.Written);
        Assert.That(reader.TryRead(out NetlinkMessage message), Is.True);
        Assert.That(message.Type, Is.EqualTo(16));
        Assert.That((int)message.Flags, Is.EqualTo(0x605));
        Assert.That(message.Payload[..16].ToArray(), Is.All.Zero, "ifinfomsg");
        Assert.That(message.Attributes(16).TryFind(4, out NetlinkAttribute mtu), Is.True);
        Assert.That(Convert.ToHexStringLower(mtu.Value), Is.EqualTo("aa050000"));
        Assert.That(message.Attributes(16).TryFind(18, out NetlinkAttribute info), Is.True);
        Assert.That(info.Nested.TryFind(1, out NetlinkAttribute kind), Is.True);
        Assert.That(Convert.ToHexStringLower(kind.Value), Is.EqualTo("76786c616e00"));
        Assert.That(info.Nested.TryFind(2, out NetlinkAttribute data), Is.True);
        Assert.That(ByType(data.Nested), Is.EqualTo(new Dictionary<int, string>
        {
            [1] = "01100000",
            [7] = "01",
            [11] = "01",
            [13] = "01",
            [14] = "01",
            [15] = "12b5",
        }));
    }

    [Test]
    public void A_forwarding_entry_has_the_bytes_that_docker_sends()
    {
        var batch = new RtnetlinkBatch();
        batch.ReplaceFdb(new FdbEntry { Link = 3, Address = MacAddress.Parse("02:42:0a:14:01:05"), Remote = IPAddress.Parse("192.168.1.2") });

        // ndmsg: family 7, ifindex 3, state 0080, flags 02 (SELF), type 0; LLADDR; DST
        Assert.That(Payload(batch), Is.EqualTo("07000000" + "03000000" + "8000" + "02" + "00" + "0a000200" + "02420a1401050000" + "08000100" + "c0a80102"));
    }

    [Test]
    public void A_neighbour_has_the_bytes_that_docker_sends()
    {
        var batch = new RtnetlinkBatch();
        batch.ReplaceNeighbour(new NeighbourEntry { Link = 3, Address = IPAddress.Parse("10.20.1.5"), LinkLayerAddress = MacAddress.Parse("02:42:0a:14:01:05") });

        Assert.That(Payload(batch), Is.EqualTo("02000000" + "03000000" + "8000" + "00" + "00" + "08000100" + "0a140105" + "0a000200" + "02420a1401050000"));
    }

    [Test]
    public void A_veth_peer_is_an_ifinfomsg_and_attributes()
    {
        var batch = new RtnetlinkBatch();
        batch.AddLink(new VethSpec { Name = "a", Peer = new VethPeer { Name = "b", Index = 9 } });

        var reader = new NetlinkReader(batch.Written);
        reader.TryRead(out NetlinkMessage message);
        message.Attributes(16).TryFind(18, out NetlinkAttribute info);
        info.Nested.TryFind(2, out NetlinkAttribute data);
        Assert.That(data.Nested.TryFind(1, out NetlinkAttribute peer), Is.True);
        Assert.That(Convert.ToHexStringLower(peer.Value), Is.EqualTo("00000000" + "09000000" + "00000000" + "00000000" + "0600030062000000"));
    }

    [Test]
    public void Neighbours_addresses_routes_rules_and_forwarding_entries_survive_a_round_trip()
    {
        var fdb = new FdbEntry
        {
            Link = 7,
            Address = MacAddress.Parse("02:42:ac:11:00:02"),
            Remote = IPAddress.Parse("fd00::2"),
            Port = 4790,
            Vni = 5000,
            Vlan = 12,
            Flags = NeighbourFlags.Self | NeighbourFlags.Sticky,
        };
        var neighbour = new NeighbourEntry { Link = 1, Address = IPAddress.Parse("fe80::1"), LinkLayerAddress = fdb.Address, State = NeighbourState.Reachable };
        var address = new AddressEntry { Link = 2, Address = IPAddress.Parse("10.0.0.1"), PrefixLength = 24, Flags = 0x280, Scope = 253 };
        var route = new RouteEntry
        {
            Destination = IPNetwork.Parse("10.1.0.0/16"),
            Gateway = IPAddress.Parse("10.0.0.254"),
            Link = 2,
            Source = IPAddress.Parse("10.0.0.1"),
            Table = 1000,
            Priority = 5,
            Scope = 0,
            OnLink = true,
        };
        var rule = new RuleEntry { Priority = 100, Table = 1000, From = IPNetwork.Parse("10.0.0.5/32"), Mark = 3, InInterface = "br0", OutInterface = "eth0" };
        var batch = new RtnetlinkBatch();
        batch.ReplaceFdb(fdb).ReplaceNeighbour(neighbour).AddAddress(address).AddRoute(route).AddRule(rule);

        var reader = new NetlinkReader(batch.Written);
        reader.TryRead(out NetlinkMessage message);
        Assert.That(FdbEntry.TryParse(message, out FdbEntry? f) ? f : null, Is.EqualTo(fdb));
        reader.TryRead(out message);
        Assert.That(NeighbourEntry.TryParse(message, out NeighbourEntry? n) ? n : null, Is.EqualTo(neighbour));
        reader.TryRead(out message);
        Assert.That(AddressEntry.TryParse(message, out AddressEntry? a) ? a : null, Is.EqualTo(address));
        reader.TryRead(out message);
        Assert.That(RouteEntry.TryParse(message, out RouteEntry? r) ? r : null, Is.EqualTo(route));
        reader.TryRead(out message);
        Assert.That(RuleEntry.TryParse(message, out RuleEntry? u) ? u : null, Is.EqualTo(rule));
    }

    [Test]
    public void Hostile_dumps_never_throw()
    {
        int seed = TestSeed.Next();
        var random = new Random(seed);
        var batch = new RtnetlinkBatch();
        batch.AddLink(new VxlanSpec { Name = "v", Vni = 1, Local = IPAddress.Loopback });
        batch.AddLink(new BridgeSpec { Name = "b", Stp = true, Mtu = 1500, Master = 3 });
        batch.ReplaceFdb(new FdbEntry { Link = 3, Address = default, Remote = IPAddress.Loopback });
        batch.ReplaceNeighbour(new NeighbourEntry { Link = 3, Address = IPAddress.IPv6Loopback });
        batch.AddAddress(new AddressEntry { Link = 2, Address = IPAddress.Loopback, PrefixLength = 8 });
        batch.AddRoute(new RouteEntry { Destination = IPNetwork.Parse("10.0.0.0/8"), Gateway = IPAddress.Loopback });
        batch.AddRule(new RuleEntry { From = IPNetwork.Parse("10.0.0.0/8"), To = IPNetwork.Parse("10.0.0.0/8") });
        byte[] whole = batch.Written.ToArray();
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
                bool any = LinkEntry.TryParse(m, out _) | AddressEntry.TryParse(m, out _) | RouteEntry.TryParse(m, out _)
                    | RuleEntry.TryParse(m, out _) | NeighbourEntry.TryParse(m, out _) | FdbEntry.TryParse(m, out _);
                parsed += any ? 1 : 0;
            }
        }

        Assert.That(parsed, Is.GreaterThan(10_000), "the mutations must leave much intact, or nothing was tested");
    }

    [TestCase("02:42:0a:00:00:05", true)]
    [TestCase("02-42-0a-00-00-05", false)]
    [TestCase("02:42:0a:00:00", false)]
    [TestCase("02:42:0a:00:00:0g", false)]
    [TestCase("", false)]
    public void MacAddress_parses_only_its_own_form(string text, bool valid)
    {
        Assert.That(MacAddress.TryParse(text, out MacAddress address), Is.EqualTo(valid));
        Assert.That(valid ? address.ToString() : text, Is.EqualTo(text));
    }

    private static string Payload(RtnetlinkBatch batch)
    {
        var reader = new NetlinkReader(batch.Written);
        Assert.That(reader.TryRead(out NetlinkMessage message), Is.True);
        return Convert.ToHexStringLower(message.Payload);
    }

    private static Dictionary<int, string> ByType(NetlinkAttributeReader attributes)
    {
        var result = new Dictionary<int, string>();
        while (attributes.TryRead(out NetlinkAttribute attribute))
        {
            result.Add(attribute.Type, Convert.ToHexStringLower(attribute.Value));
        }

        return result;
    }
}
