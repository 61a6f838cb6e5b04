using System.Net;
using SwarmNet.Linux;
using SwarmNet.Netlink.Conntrack;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Netlink;

/// <summary>No byte is allocated for a message that is written or read; what IPsec requests need is tested beside them.</summary>
[TestFixture]
public sealed class NetlinkAllocationTests
{
    private const int Rounds = 1000;

    private static readonly MacAddress s_mac = MacAddress.Parse("02:42:0a:00:00:05");
    private static readonly FdbEntry s_fdb = new() { Link = 5, Address = s_mac, Remote = IPAddress.Parse("10.0.0.1"), Port = 4790, Vni = 7 };
    private static readonly NeighbourEntry s_neighbour = new() { Link = 5, Address = IPAddress.Parse("fd00::5"), LinkLayerAddress = s_mac };

    private static IEnumerable<TestCaseData> Requests
    {
        get
        {
            var bridge = new BridgeSpec { Name = "br0", Stp = false, AgeingTimeCentiseconds = 30000, DefaultPvid = 0 };
            var vxlan = new VxlanSpec { Name = "vx0", Vni = 4097, Local = IPAddress.Parse("10.0.0.1"), Learning = false, SourcePorts = (1, 2) };
            var veth = new VethSpec { Name = "a", Peer = new VethPeer { Name = "b", Address = s_mac }, Mtu = 1450, Master = 3 };
            var address = new AddressEntry { Link = 2, Address = IPAddress.Parse("10.0.0.1"), PrefixLength = 24, Flags = 0x200 };
            var route = new RouteEntry { Destination = IPNetwork.Parse("10.1.0.0/16"), Gateway = IPAddress.Parse("10.0.0.254"), Table = 1000, Priority = 5 };
            var rule = new RuleEntry { Priority = 100, Table = 1000, From = IPNetwork.Parse("10.0.0.5/32"), Mark = 3, InInterface = "br0" };
            var flow = new ConntrackFlow(new ConntrackTuple(17, IPAddress.Loopback, IPAddress.Loopback, 1, 2), default, 7, 0, 0);
            yield return Case("bridge", b => b.AddLink(bridge));
            yield return Case("vxlan", b => b.AddLink(vxlan));
            yield return Case("veth", b => b.AddLink(veth));
            yield return Case("changes of links", b => b.SetUp(3).SetDown("a").SetMaster(3, 4).SetMtu(3, 1450).SetGroup(3, 1).SetAddress(3, s_mac).DeleteLink(3).DeleteGroup(1));
            yield return Case("bridge port", b => b.SetBridgePort(3, new BridgePortSpec { Learning = false, Isolated = true }));
            yield return Case("address", b => b.AddAddress(address).DeleteAddress(address));
            yield return Case("route", b => b.AddRoute(route).ReplaceRoute(route).DeleteRoute(route));
            yield return Case("rule", b => b.AddRule(rule).DeleteRule(rule));
            yield return Case("neighbour", b => b.ReplaceNeighbour(s_neighbour).DeleteNeighbour(s_neighbour));
            yield return Case("forwarding entry", b => b.ReplaceFdb(s_fdb).AppendFdb(s_fdb).DeleteFdb(s_fdb));
            yield return Case("flow", b => ConntrackTable.AddDelete(b, flow));

            static TestCaseData Case(string name, Action<RtnetlinkBatch> write) => new TestCaseData(write).SetArgDisplayNames(name);
        }
    }

    [TestCaseSource(nameof(Requests))]
    public void Writing_allocates_nothing(Action<RtnetlinkBatch> write)
    {
        var batch = new RtnetlinkBatch();
        int count = 0;

        long allocated = AllocationMeter.SmallestOf(rounds: 5, () =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                batch.Clear();
                write(batch);
                count += batch.Count;
            }
        });

        Assert.That(allocated, Is.Zero);
        Assert.That(count, Is.GreaterThanOrEqualTo(6 * Rounds), "one warm-up and five rounds");
    }

    [Test]
    public void Reading_forwarding_entries_neighbours_and_flows_allocates_nothing()
    {
        var batch = new RtnetlinkBatch();
        batch.ReplaceFdb(s_fdb).ReplaceNeighbour(s_neighbour);
        batch.BeginMessage(ConntrackConstants.MessageType(ConntrackConstants.IPCTNL_MSG_CT_NEW), 0, 1);
        batch.Reserve(NfTables.NfConstants.NfGenMsgLength);
        ConntrackTable.PutTuple(batch, ConntrackConstants.CTA_TUPLE_ORIG, new ConntrackTuple(17, IPAddress.Loopback, IPAddress.Loopback, 1, 2));
        ConntrackTable.PutTuple(batch, ConntrackConstants.CTA_TUPLE_REPLY, new ConntrackTuple(17, IPAddress.Loopback, IPAddress.Loopback, 2, 1));
        batch.EndMessage();
        var filter = new ConntrackFilter { Protocol = 17, ReplySource = IPAddress.Loopback, OriginalDestinationPort = 2 };
        int fdbs = 0;
        int neighbours = 0;
        int flows = 0;

        long allocated = AllocationMeter.SmallestOf(rounds: 5, () =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                var reader = new NetlinkReader(batch.Written);
                while (reader.TryRead(out NetlinkMessage message))
                {
                    fdbs += FdbView.TryParse(message, out FdbView fdb) && fdb.Address == s_mac && fdb.Remote.Length == 4 && fdb.Vni == 7 ? 1 : 0;
                    neighbours += NeighbourView.TryParse(message, out NeighbourView neighbour) && neighbour.LinkLayerAddress == s_mac && neighbour.Address.Length == 16 ? 1 : 0;
                    flows += ConntrackFlowView.TryCreate(message, out ConntrackFlowView flow) && filter.Matches(flow) ? 1 : 0;
                }
            }
        });

        Assert.That(allocated, Is.Zero);
        Assert.That((fdbs, neighbours, flows), Is.EqualTo((6 * Rounds, 6 * Rounds, 6 * Rounds)), "one warm-up and five rounds");
    }

    [Test]
    public void Walking_any_message_allocates_nothing()
    {
        var batch = new RtnetlinkBatch();
        batch.AddLink(new VxlanSpec { Name = "vx0", Vni = 4097, Local = IPAddress.Parse("10.0.0.1"), Learning = false });
        long sum = 0;

        long allocated = AllocationMeter.SmallestOf(rounds: 5, () =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                var reader = new NetlinkReader(batch.Written);
                while (reader.TryRead(out NetlinkMessage message))
                {
                    sum += Walk(message.Attributes(16));
                    sum += NetlinkError.TryParse(message, out NetlinkError error) && error.Errno == Errno.None ? 1 : 0;
                }
            }
        });

        Assert.That(allocated, Is.Zero);
        Assert.That(sum, Is.GreaterThan(6 * Rounds));

        static long Walk(NetlinkAttributeReader attributes)
        {
            long sum = 0;
            while (attributes.TryRead(out NetlinkAttribute attribute))
            {
                sum += attribute.Type + attribute.UInt32 + attribute.StringBytes.Length;
                sum += attribute.Type is RouteConstants.IFLA_LINKINFO or RouteConstants.IFLA_INFO_DATA ? Walk(attribute.Nested) : 0;
            }

            return sum;
        }
    }

    [Test]
    [Category("Kernel")]
    public void Sending_a_batch_allocates_nothing()
    {
        using var scope = new TestNamespace();
        using Rtnetlink rtnetlink = Rtnetlink.Open(scope.Namespace);
        rtnetlink.Execute(new RtnetlinkBatch().AddLink(new VxlanSpec { Name = "vx0", Index = 5, Vni = 7, Learning = false, Up = true }));
        var fdb = new FdbEntry { Link = 5, Address = s_mac, Remote = IPAddress.Parse("10.0.0.1") };
        var batch = new RtnetlinkBatch();

        long allocated = AllocationMeter.SmallestOf(rounds: 5, () =>
        {
            batch.Clear();
            for (int i = 0; i < 200; i++)
            {
                batch.ReplaceFdb(fdb);
            }

            rtnetlink.Execute(batch);
        });

        Assert.That(allocated / 200, Is.Zero, "bytes for each request; the call as a whole may name itself");
        Assert.That(rtnetlink.GetFdb(5), Has.Count.EqualTo(1));
    }
}
