using System.Net;
using SwarmNet.Linux;
using SwarmNet.Overlay.Kernel;

namespace SwarmNet.Overlay.Gateway;

[Category("Kernel")]
public sealed class HostGatewayTests
{
    private TestNet _net = null!;

    [SetUp]
    public void Build()
    {
        _net = new TestNet();
        _net.Add("host");
        _net.Add("task");
    }

    [TearDown]
    public void Remove() => _net.Dispose();

    [Test]
    public void The_subnet_avoids_addresses_and_routes_of_the_host()
    {
        _net.Exec("host", "ip link add x type veth peer name y");
        _net.Exec("host", "ip addr add 172.18.3.4/24 dev x");
        _net.Exec("host", "ip link set x up");
        _net.Exec("host", "ip route add 172.19.0.0/24 dev x");
        using HostGateway gateway = Open();
        Assert.That(gateway.Subnet.ToString(), Is.EqualTo("172.20.0.0/16"));
        Assert.That(gateway.Attach(_net["task"], "eth1").ToString(), Is.EqualTo("172.20.0.2"));
    }

    [Test]
    public void An_attached_namespace_has_one_interface_and_the_default_route()
    {
        using HostGateway gateway = Open();
        IPAddress address = gateway.Attach(_net["task"], "eth1");
        Assert.That(_net.Exec("task", "ip -o -4 addr show eth1"), Does.Contain($"{address}/16"));
        Assert.That(_net.Exec("task", "ip route show default"), Does.StartWith("default via 172.18.0.1 dev eth1"));
        Assert.That(_net.Exec("host", $"ip route get {address}"), Does.Contain("dev swgwac120002 src 172.18.0.1"));
    }

    [Test]
    public void Attaching_again_keeps_the_address_also_by_another_process()
    {
        using HostGateway gateway = Open();
        IPAddress address = gateway.Attach(_net["task"], "eth1");
        Assert.That(gateway.Attach(_net["task"], "eth1"), Is.EqualTo(address));
        gateway.Dispose();
        using HostGateway next = Open();
        Assert.That(next.GetAttached(), Is.EqualTo(new[] { address }));
        Assert.That(next.Attach(_net.Add("second"), "eth1"), Is.Not.EqualTo(address), "it is in use");
        Assert.That(next.Attach(_net["task"], "eth1"), Is.EqualTo(address));
    }

    [Test]
    public void A_detached_address_rests_before_it_is_used_again()
    {
        using HostGateway gateway = Open();
        IPAddress first = gateway.Attach(_net["task"], "eth1");
        gateway.Detach(first);
        Assert.That(gateway.GetAttached(), Is.Empty);
        Assert.That(_net.Exec("task", "ip -o link show"), Does.Not.Contain("eth1"));
        Assert.That(gateway.Attach(_net["task"], "eth1"), Is.Not.EqualTo(first));
        Assert.That(() => gateway.Detach(first), Throws.Nothing, "it is gone already");
    }

    [Test]
    public async Task What_is_attached_cannot_reach_the_hosts_loopback()
    {
        using HostGateway gateway = Open();
        gateway.Attach(_net["task"], "eth1");
        Assert.That(await _net.ReachesLoopback("task", "172.18.0.1", "host"), Is.False);
        _net.Exec("host", "nft flush chain ip swarmnet_gateway raw_prerouting");
        Assert.That(await _net.ReachesLoopback("task", "172.18.0.1", "host"), Is.True, "it is the rule that keeps it out");
    }

    [Test]
    public void A_link_of_that_name_that_is_not_ours_is_left_alone()
    {
        _net.Exec("host", "ip link add swarm_gwbridge type bridge");
        Assert.That(Open, Throws.TypeOf<OverlayException>().With.Message.Contains("swarm_gwbridge exists already"));
        Assert.That(_net.Exec("host", "nft list ruleset"), Is.Empty);
    }

    [Test]
    public void An_interface_of_the_target_that_is_not_ours_is_left_alone()
    {
        _net.Exec("task", "ip link add eth1 type veth peer name other");
        using HostGateway gateway = Open();
        Assert.That(() => gateway.Attach(_net["task"], "eth1"), Throws.TypeOf<OverlayException>().With.Message.Contains("eth1 exists already"));
        Assert.That(gateway.GetAttached(), Is.Empty);
    }

    private HostGateway Open() => HostGateway.Open(new HostGatewayOptions { Namespace = _net["host"] });
}
