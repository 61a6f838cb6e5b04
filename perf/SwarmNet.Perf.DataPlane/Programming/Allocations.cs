using System.Net;
using SwarmNet.Linux;
using SwarmNet.Netlink;
using SwarmNet.Netlink.NfTables;
using SwarmNet.Netlink.Route;
using SwarmNet.Overlay.Balancing;
using SwarmNet.Overlay.Networks;
using SwarmNet.Perf.DataPlane.Forwarding;

namespace SwarmNet.Perf.DataPlane.Programming;

/// <summary>Bytes allocated on the heap where nothing should be: messages written and read, and calls that find nothing to change.</summary>
internal sealed class Allocations : IMeasurement
{
    private const int Count = 1000;

    public string Words => "programming allocations";

    public IEnumerable<Row> Run()
    {
        yield return Encode();
        yield return Decode();
        using var lab = new Lab();
        yield return Services(lab.Add("client"));
        yield return Peers(lab);
    }

    private static Row Encode()
    {
        var batch = new RtnetlinkBatch();
        var elements = new NfTablesBatch();
        var table = new NfTable(NfFamily.Ip, "t");
        var mac = MacAddress.Parse("02:42:0a:00:00:05");
        var address = IPAddress.Parse("10.0.0.5");
        var fdb = new FdbEntry { Link = 5, Address = mac, Remote = address };
        var neighbour = new NeighbourEntry { Link = 5, Address = address, LinkLayerAddress = mac };
        var veth = new VethSpec { Name = "a", Peer = new VethPeer { Name = "b", Address = mac } };
        var vxlan = new VxlanSpec { Name = "v", Vni = 4097, Local = address };
        return Per("write a netlink message (six kinds)", "message", 6 * Count, () =>
        {
            batch.Clear();
            elements.Clear();
            for (int i = 0; i < Count; i++)
            {
                batch.AddLink(veth).AddLink(vxlan).ReplaceFdb(fdb).ReplaceNeighbour(neighbour).SetUp(5);
                NfElements element = elements.AddElements(table, "s");
                element.Pair([10, 0, 0, 5], [10, 0, 0, 6]);
                element.End();
            }
        });
    }

    private static Row Decode()
    {
        var batch = new RtnetlinkBatch();
        for (int i = 0; i < Count; i++)
        {
            var mac = new MacAddress(2, 0, 0, 0, (byte)(i >> 8), (byte)i);
            batch.ReplaceFdb(new FdbEntry { Link = 5, Address = mac, Remote = IPAddress.Parse("10.0.0.1") });
            batch.ReplaceNeighbour(new NeighbourEntry { Link = 5, Address = new IPAddress([10, 0, (byte)(i >> 8), (byte)i]), LinkLayerAddress = mac });
        }

        return Per("read a netlink message (forwarding entries, neighbours)", "message", 2 * Count, () =>
        {
            int found = 0;
            var reader = new NetlinkReader(batch.Written);
            while (reader.TryRead(out NetlinkMessage message))
            {
                found += FdbView.TryParse(message, out FdbView _) || NeighbourView.TryParse(message, out NeighbourView _) ? 1 : 0;
            }

            Expect(found, 2 * Count);
        });
    }

    private static Row Services(NetworkNamespace ns)
    {
        using IServiceBalancer balancer = ServiceBalancer.Open(ns);
        List<VirtualService> services = [.. Enumerable.Range(0, Count).Select(static i => ForwardingLab.Unasked(i, 0))];
        balancer.SetServices(services);
        return Per("set the same 1,000 services again", "call", 1, () => Expect(balancer.SetServices(services), 0));
    }

    private static Row Peers(Lab lab)
    {
        using OverlayNetwork network = OverlayNetwork.Open(ForwardingLab.Options("demo", 4097, "10.64.0.0/16", "192.0.2.1", lab.Add("host"), lab.PathOf("demo")));
        List<OverlayPeer> peers = [.. Enumerable.Range(1, Count).Select(static i => new OverlayPeer(new IPAddress([10, 64, (byte)(i >> 8), (byte)i]), IPAddress.Parse("192.0.2.2")))];
        network.SetPeers(peers);
        try
        {
            return Per("set the same 1,000 peers again", "call", 1, () => Expect(network.SetPeers(peers), 0));
        }
        finally
        {
            network.Delete();
        }
    }

    /// <summary>The least of several rounds: what the runtime does now and then on the same thread is not the code's.</summary>
    private static Row Per(string title, string unit, int count, Action work)
    {
        long least = long.MaxValue;
        for (int round = 0; round < 30; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return new Row(title + ": allocated", (double)least / count, null, "B/" + unit, 0, LowerIsBetter: true);
    }

    private static void Expect(int found, int wanted)
    {
        if (found != wanted)
        {
            throw new InvalidOperationException($"{found} instead of {wanted}");
        }
    }
}
