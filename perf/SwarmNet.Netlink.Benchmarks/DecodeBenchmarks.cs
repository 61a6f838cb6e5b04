using System.Net;
using BenchmarkDotNet.Attributes;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Netlink.Benchmarks;

/// <summary>
/// A dump of 1,000 messages to values; times and bytes are for one message. A view reads in place, an entry is an object of its own.
/// </summary>
[MemoryDiagnoser]
public class DecodeBenchmarks
{
    private const int Count = 1000;

    private byte[] _fdb = [];
    private byte[] _neighbours = [];
    private byte[] _links = [];

    [GlobalSetup]
    public void Setup()
    {
        var fdb = new RtnetlinkBatch();
        var neighbours = new RtnetlinkBatch();
        var links = new RtnetlinkBatch();
        for (int i = 0; i < Count; i++)
        {
            var mac = new MacAddress(2, 0, 0, 0, (byte)(i >> 8), (byte)i);
            fdb.ReplaceFdb(new FdbEntry { Link = 5, Address = mac, Remote = IPAddress.Parse("10.0.0.1") });
            neighbours.ReplaceNeighbour(new NeighbourEntry { Link = 5, Address = new IPAddress(new byte[] { 10, 0, (byte)(i >> 8), (byte)i }), LinkLayerAddress = mac });
            links.AddLink(new VxlanSpec { Name = "vxlan0", Vni = (uint)i, Learning = false, Local = IPAddress.Parse("10.0.0.1") });
        }

        _fdb = fdb.Written.ToArray();
        _neighbours = neighbours.Written.ToArray();
        _links = links.Written.ToArray();
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public long WalkAttributes()
    {
        long sum = 0;
        var reader = new NetlinkReader(_fdb);
        while (reader.TryRead(out NetlinkMessage message))
        {
            NetlinkAttributeReader attributes = message.Attributes(12);
            while (attributes.TryRead(out NetlinkAttribute attribute))
            {
                sum += attribute.Type;
            }
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public int ForwardingEntryView()
    {
        int found = 0;
        var reader = new NetlinkReader(_fdb);
        while (reader.TryRead(out NetlinkMessage message))
        {
            found += FdbView.TryParse(message, out FdbView view) && !view.Remote.IsEmpty ? 1 : 0;
        }

        return found;
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public int ForwardingEntry()
    {
        int found = 0;
        var reader = new NetlinkReader(_fdb);
        while (reader.TryRead(out NetlinkMessage message))
        {
            found += FdbEntry.TryParse(message, out _) ? 1 : 0;
        }

        return found;
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public int NeighbourView()
    {
        int found = 0;
        var reader = new NetlinkReader(_neighbours);
        while (reader.TryRead(out NetlinkMessage message))
        {
            found += Route.NeighbourView.TryParse(message, out Route.NeighbourView view) && view.LinkLayerAddress is not null ? 1 : 0;
        }

        return found;
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public int Link()
    {
        int found = 0;
        var reader = new NetlinkReader(_links);
        while (reader.TryRead(out NetlinkMessage message))
        {
            found += LinkEntry.TryParse(message, out _) ? 1 : 0;
        }

        return found;
    }
}
