using System.Net;
using SwarmNet.Overlay.Kernel;

namespace SwarmNet.Overlay.Networks;

/// <summary>Networks other than one IPv4 subnet over IPv4; two hosts, a task on each.</summary>
[Category("Kernel")]
public sealed class OverlayVariantTests
{
    private TestNet _net = null!;

    [SetUp]
    public void Build()
    {
        _net = new TestNet();
        _net.Switch("underlay", "eth0", ("host1", "10.99.0.1/24"), ("host2", "10.99.0.2/24"));
        for (int i = 1; i <= 2; i++)
        {
            _net.Exec($"host{i}", $"ip -6 addr add fd99::{i}/64 dev eth0 nodad");
            _net.Add($"task{i}");
        }
    }

    [TearDown]
    public void Remove() => _net.Dispose();

    [Test]
    public async Task The_tunnel_may_be_IPv6()
    {
        IPAddress[] addresses = [IPAddress.Parse("10.0.1.11"), IPAddress.Parse("10.0.1.12")];
        using OverlayNetwork one = Open(1, "fd99::1", 1430), two = Open(2, "fd99::2", 1430);
        Connect(one, two, addresses, "fd99::");
        Assert.That(await TestNet.AskTcp(_net["task1"], "10.0.1.12", 80), Is.EqualTo("task2 10.0.1.11"));
        Assert.That(one.Repair(), Is.Empty, "what was made is what is wanted");
        Assert.That(_net.Exec("task1", "ip -o link show eth0"), Does.Contain("mtu 1430"));
    }

    [Test]
    public async Task Subnets_of_a_network_are_routed_on_the_host_that_a_packet_comes_from()
    {
        IPAddress[] addresses = [IPAddress.Parse("10.0.1.11"), IPAddress.Parse("10.0.2.12")];
        OverlaySubnet second = new(4098, IPv4Prefix.Parse("10.0.2.0/24"), IPAddress.Parse("10.0.2.1"));
        using OverlayNetwork one = Open(1, "10.99.0.1", 1450, second), two = Open(2, "10.99.0.2", 1450, second);
        Connect(one, two, addresses, "10.99.0.");
        Assert.That(await TestNet.AskTcp(_net["task1"], "10.0.2.12", 80), Is.EqualTo("task2 10.0.1.11"));
        Assert.That(one.Repair(), Is.Empty);
        _net.Exec("task1", "ip route del 10.0.2.0/24");
        Assert.That(one.RepairEndpoint(_net["task1"], "eth0", addresses[0]).Select(r => r.ToString()), Is.EqualTo(new[] { "route 10.0.2.0/24 via 10.0.1.1 was missing" }));
        Assert.That(await TestNet.AskTcp(_net["task1"], "10.0.2.12", 80), Is.EqualTo("task2 10.0.1.11"));
    }

    private void Connect(OverlayNetwork one, OverlayNetwork two, IPAddress[] addresses, string vtep)
    {
        OverlayNetwork[] networks = [one, two];
        for (int i = 0; i < 2; i++)
        {
            networks[i].AttachEndpoint(_net[$"task{i + 1}"], "eth0", addresses[i]);
            networks[i].SetPeers([.. addresses.Select((address, n) => new OverlayPeer(address, IPAddress.Parse($"{vtep}{n + 1}")))]);
        }

        _net.ServeTcp(_net["task2"], 80, "task2");
    }

    private OverlayNetwork Open(int host, string vtep, int mtu, params OverlaySubnet[] more) => OverlayNetwork.Open(new OverlayNetworkOptions
    {
        Id = "demo",
        Vni = 4097,
        Subnet = IPv4Prefix.Parse("10.0.1.0/24"),
        Gateway = IPAddress.Parse("10.0.1.1"),
        MoreSubnets = more,
        LocalVtep = IPAddress.Parse(vtep),
        Mtu = mtu,
        NamespacePath = Path.Combine(_net.Folder, $"net{host}"),
        HostNamespace = _net[$"host{host}"],
    });
}
