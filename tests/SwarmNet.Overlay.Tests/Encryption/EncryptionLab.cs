using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using SwarmNet.Linux;
using SwarmNet.Netlink.Route;
using SwarmNet.Overlay.Kernel;

namespace SwarmNet.Overlay.Encryption;

/// <summary>Hosts on one segment, and someone who listens on it. Built over netlink: processes are slow where these tests run.</summary>
internal sealed class EncryptionLab : IDisposable
{
    private readonly NetworkNamespace _underlay;
    private readonly Rtnetlink _links;
    private readonly List<EncryptedHost> _hosts = [];
    private readonly int _bridge;

    public EncryptionLab()
    {
        Net = new TestNet();
        _underlay = Net.Add("underlay");
        _links = Rtnetlink.Open(_underlay);
        _links.Execute(new RtnetlinkBatch().AddLink(new BridgeSpec { Name = "br0", Up = true, MulticastSnooping = false }));
        _bridge = _links.GetLink("br0").Index;
        Tap = new WireTap(_underlay);
    }

    public TestNet Net { get; }

    public WireTap Tap { get; }

    /// <summary>Keys of tags 1, 2, ...; in force at first are 2 (sends), 1 and 3.</summary>
    public static IReadOnlyList<TunnelKey> Keys(int generation) => [Key(generation + 1), Key(generation), Key(generation + 2)];

    /// <summary>A namespace on the segment.</summary>
    public NetworkNamespace AddHost(string name, string address)
    {
        NetworkNamespace ns = Net.Add(name);
        _links.Execute(new RtnetlinkBatch().AddLink(new VethSpec
        {
            Name = $"p-{name}",
            Master = _bridge,
            Up = true,
            Peer = new VethPeer { Name = "eth0", Namespace = ns },
        }));
        using Rtnetlink links = Rtnetlink.Open(ns);
        LinkEntry link = links.GetLink("eth0");
        links.Execute(new RtnetlinkBatch()
            .AddAddress(new AddressEntry { Link = link.Index, Address = IPAddress.Parse(address), PrefixLength = 24 })
            .SetUp(link.Index));
        return ns;
    }

    public EncryptedHost Add(int number)
    {
        var host = new EncryptedHost(this, number);
        _hosts.Add(host);
        Net.ServeTcp(host.Task, 80, $"task{number}");
        return host;
    }

    /// <summary>Two or more hosts with both networks and keys, that know each other.</summary>
    public EncryptedHost[] AddReady(int count)
    {
        EncryptedHost[] hosts = [.. Enumerable.Range(1, count).Select(Add)];
        foreach (EncryptedHost host in hosts)
        {
            host.Encryption.SetKeys(Keys(1));
            host.OpenSecret();
            host.OpenPlain();
        }

        foreach (EncryptedHost host in hosts)
        {
            host.SetPeers([.. hosts.Where(other => other != host)]);
        }

        return hosts;
    }

    /// <summary>A socket on a task's port 53, which nobody answers from.</summary>
    public Socket Listen(EncryptedHost host)
    {
        Socket socket = Net.Own(TestNet.OpenSocket(host.Task, SocketType.Dgram));
        socket.Bind(new IPEndPoint(IPAddress.Any, 53));
        return socket;
    }

    public static async Task Until(Func<bool> condition, Func<string> what)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(30)), what);
            await Task.Delay(5);
        }
    }

    public void Dispose()
    {
        foreach (EncryptedHost host in _hosts)
        {
            host.Dispose();
        }

        Tap.Dispose();
        _links.Dispose();
        Net.Dispose();
    }

    private static TunnelKey Key(int tag)
    {
        byte[] secret = new byte[TunnelKey.SecretLength];
        new Random(tag).NextBytes(secret);
        return new TunnelKey((uint)tag, secret);
    }
}
