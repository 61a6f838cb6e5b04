using System.Net;
using SwarmNet.Overlay.Kernel;

namespace SwarmNet.Overlay.Gateway;

/// <summary>Somebody breaks what the kernel has of a gateway.</summary>
[Category("Kernel")]
public sealed class GatewayRepairTests
{
    private TestNet _net = null!;

    [SetUp]
    public void Build()
    {
        _net = new TestNet();
        _net.Switch("underlay", "eth0", ("host", "10.99.0.1/24"), ("stranger", "10.99.0.50/24"));
        _net.Add("task");
    }

    [TearDown]
    public void Remove() => _net.Dispose();

    [TestCase("host: ip link set swarm_gwbridge down")]
    [TestCase("host: ip addr flush dev swarm_gwbridge")]
    [TestCase("host: ip link del swarm_gwbridge")]
    [TestCase("host: nft flush chain ip swarmnet_gateway postrouting")]
    [TestCase("host: nft delete table ip swarmnet_gateway")]
    [TestCase("host: sysctl -qw net.ipv4.ip_forward=0")]
    [TestCase("host: ip route flush dev PORT")]
    [TestCase("host: ip link del PORT")]
    [TestCase("task: ip route del default")]
    [TestCase("task: ip link set eth0 down")]
    public async Task Each_damage_is_found_and_healed(string damage)
    {
        using HostGateway gateway = HostGateway.Open(new HostGatewayOptions { Namespace = _net["host"] });
        IPAddress address = gateway.Attach(_net["task"], "eth0");
        Assert.That(Pass(inspectOnly: true), Is.Empty, "nothing is wrong before");
        byte[] bytes = address.GetAddressBytes();
        string port = "swgw" + Convert.ToHexStringLower(bytes);
        _net.Exec(damage[..4], damage[6..].Replace("PORT", port, StringComparison.Ordinal));
        Assert.That(Pass(inspectOnly: true), Is.Not.Empty);
        string[] repairs = Pass(inspectOnly: false);
        TestContext.Out.WriteLine(string.Join("; ", repairs));
        Assert.That(repairs, Is.Not.Empty);
        Assert.That(Pass(inspectOnly: true), Is.Empty, "it is healed");
        _net.ServeTcp(_net["stranger"], 80, "stranger");
        Assert.That(await TestNet.AskTcp(_net["task"], "10.99.0.50", 80), Is.EqualTo("stranger 10.99.0.1"));

        string[] Pass(bool inspectOnly) =>
            [.. gateway.Repair(inspectOnly).Concat(gateway.RepairAttached(_net["task"], "eth0", address, inspectOnly)).Select(repair => repair.ToString())];
    }
}
