using System.Net;
using SwarmNet.Linux;
using SwarmNet.Netlink;
using SwarmNet.Overlay.Kernel;

namespace SwarmNet.Overlay.Networks;

/// <summary>What an earlier process left of a network.</summary>
[Category("Kernel")]
public sealed class OverlayNetworkTests
{
    private static readonly IPAddress _address = IPAddress.Parse("10.0.1.5");
    private TestNet _net = null!;

    [SetUp]
    public void Build()
    {
        _net = new TestNet();
        _net.Add("host");
    }

    [TearDown]
    public void Remove() => _net.Dispose();

    [Test]
    public void An_endpoint_removed_with_its_namespace_no_longer_hides_a_peer_of_its_address()
    {
        using OverlayNetwork network = OpenWithTask();
        var peer = new OverlayPeer(_address, OverlayNetwork.MacOf(_address), IPAddress.Parse("10.99.0.2"));
        Assert.That(network.SetPeers([peer]), Is.Zero, "the address is an endpoint's of this host");
        // The container's process holds on to the namespace.
        using NetworkNamespace held = NetworkNamespace.Open(PathOf("task"));
        EndpointNamespace.Delete(PathOf("task"));
        Assert.That(network.DropLostEndpoints(), Is.EqualTo(1));
        Assert.That(network.Endpoints, Is.Empty);
        Assert.That(_net.Exec("demo", "ip neigh show"), Does.Contain($"{_address} dev vxlan0"), "the peer is entered now");
        Assert.That(network.DropLostEndpoints(), Is.Zero);
    }

    [Test]
    public void The_same_peers_again_allocate_nothing_and_a_list_changed_by_its_owner_is_noticed()
    {
        using OverlayNetwork network = OpenWithTask();
        List<OverlayPeer> peers = [.. Enumerable.Range(10, 50).Select(static i => new OverlayPeer(IPAddress.Parse($"10.0.1.{i}"), IPAddress.Parse("10.99.0.2")))];
        Assert.That(network.SetPeers(peers), Is.EqualTo(150));
        long least = long.MaxValue;
        int changed = 0;
        for (int round = 0; round < 20; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            changed += network.SetPeers(peers);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.That((changed, least), Is.EqualTo((0, 0L)));
        peers[0] = peers[0] with { Vtep = IPAddress.Parse("10.99.0.3") };
        Assert.That(network.SetPeers(peers), Is.Positive);
        Assert.That(_net.Exec("demo", "bridge fdb show dev vxlan0"), Does.Contain("02:42:0a:00:01:0a dst 10.99.0.3"));
        peers.RemoveAt(0);
        Assert.That(network.SetPeers(peers), Is.EqualTo(3));
        _net.Exec("demo", "ip neigh del 10.0.1.11 dev vxlan0");
        Assert.That(network.SetPeers(peers), Is.Zero, "nobody looked");
        network.Repair();
        Assert.That(_net.Exec("demo", "ip neigh show dev vxlan0"), Does.Contain("10.0.1.11 lladdr"));
    }

    [Test]
    public void A_network_is_removed_once_nothing_is_attached_and_its_vni_is_free()
    {
        OpenWithTask().Dispose();
        Assert.That(OverlayNetwork.DeleteUnused(PathOf("demo")), Is.False, "an endpoint is attached");
        EndpointNamespace.Delete(PathOf("task"));
        Assert.That(OverlayNetwork.DeleteUnused(PathOf("demo")), Is.True);
        Assert.That(File.Exists(PathOf("demo")), Is.False);
        Open("other").Delete();
    }

    [Test]
    public void What_is_gone_or_was_only_a_file_is_removed_without_an_error()
    {
        File.WriteAllText(PathOf("dead"), "");
        EndpointNamespace.Delete(PathOf("dead"));
        EndpointNamespace.Delete(PathOf("dead"));
        Assert.That(OverlayNetwork.DeleteUnused(PathOf("dead")), Is.True);
        Assert.That(File.Exists(PathOf("dead")), Is.False);
    }

    private string PathOf(string name) => Path.Combine(_net.Folder, name);

    private OverlayNetwork OpenWithTask()
    {
        OverlayNetwork network = Open("demo");
        network.AttachEndpoint(_net.Add("task"), "eth0", _address);
        return network;
    }

    private OverlayNetwork Open(string id) => OverlayNetwork.Open(new OverlayNetworkOptions
    {
        Id = id,
        Vni = 4097,
        Subnet = IPv4Prefix.Parse("10.0.1.0/24"),
        Gateway = IPAddress.Parse("10.0.1.1"),
        LocalVtep = IPAddress.Parse("10.99.0.1"),
        NamespacePath = PathOf(id),
        HostNamespace = _net["host"],
    });
}
