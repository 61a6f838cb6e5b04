using System.Net;
using BenchmarkDotNet.Attributes;
using SwarmNet.Netlink.Route;
using SwarmNet.Netlink.Xfrm;

namespace SwarmNet.Netlink.Benchmarks;

/// <summary>Requests to bytes. Each operation writes one message into a batch that is reused.</summary>
[MemoryDiagnoser]
public class EncodeBenchmarks
{
    private static readonly MacAddress s_mac = MacAddress.Parse("02:42:0a:00:00:05");

    private readonly RtnetlinkBatch _batch = new();
    private readonly XfrmBatch _xfrm = new();
    private readonly FdbEntry _fdb = new() { Link = 5, Address = s_mac, Remote = IPAddress.Parse("10.0.0.1") };
    private readonly NeighbourEntry _neighbour = new() { Link = 5, Address = IPAddress.Parse("10.0.0.5"), LinkLayerAddress = s_mac };
    private readonly AddressEntry _address = new() { Link = 5, Address = IPAddress.Parse("10.0.0.5"), PrefixLength = 24 };
    private readonly RouteEntry _route = new() { Destination = IPNetwork.Parse("10.1.0.0/16"), Gateway = IPAddress.Parse("10.0.0.1"), Table = 1000 };
    private readonly VethSpec _veth = new() { Name = "ep0", Master = 3, Mtu = 1450, Peer = new VethPeer { Name = "eth0", Mtu = 1450, Address = s_mac } };
    private readonly VxlanSpec _vxlan = new() { Name = "vxlan0", Vni = 4097, Learning = false, Proxy = true, Mtu = 1450, Local = IPAddress.Parse("10.0.0.1") };
    private readonly XfrmStateSpec _state = new()
    {
        Source = IPAddress.Parse("10.0.0.1"),
        Destination = IPAddress.Parse("10.0.0.2"),
        Spi = 0x1000,
        Aead = new XfrmAead(XfrmAead.AesGcm, new byte[20], 64),
    };

    [Benchmark]
    public int ForwardingEntry()
    {
        _batch.Clear();
        return _batch.ReplaceFdb(_fdb).Length;
    }

    [Benchmark]
    public int Neighbour()
    {
        _batch.Clear();
        return _batch.ReplaceNeighbour(_neighbour).Length;
    }

    [Benchmark]
    public int Address()
    {
        _batch.Clear();
        return _batch.AddAddress(_address).Length;
    }

    [Benchmark]
    public int Route()
    {
        _batch.Clear();
        return _batch.AddRoute(_route).Length;
    }

    [Benchmark]
    public int VethPair()
    {
        _batch.Clear();
        return _batch.AddLink(_veth).Length;
    }

    [Benchmark]
    public int VxlanDevice()
    {
        _batch.Clear();
        return _batch.AddLink(_vxlan).Length;
    }

    [Benchmark]
    public int IpsecState()
    {
        _xfrm.Clear();
        return _xfrm.AddState(_state).Length;
    }
}
