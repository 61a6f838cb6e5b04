using System.Net;
using SwarmNet.Linux;
using SwarmNet.Overlay.Balancing;
using SwarmNet.Overlay.Mesh;

namespace SwarmNet.Overlay.Kernel;

/// <summary>SCTP (RFC 9260) over virtual addresses and published ports, with associations that really come about: few kernels have it, the guest's does.</summary>
[GuestFixture]
[Category("Kernel")]
public sealed class SctpTests
{
    private const int Sctp = (int)PublishedPort.Sctp;
    private TestNet _net = null!;

    [SetUp]
    public void Build()
    {
        _net = new TestNet();
        _net.Switch("outside", "eth0", ("node", "192.0.2.1/24"), ("stranger", "192.0.2.9/24"));
        _net.Switch("inside", "ing0", ("node", "10.255.0.2/24"), ("t1", "10.255.0.11/24"), ("t2", "10.255.0.12/24"));
        _net.Switch("gateway", "gw0", ("node", "172.20.0.1/24"), ("t1", "172.20.0.11/24"), ("t2", "172.20.0.12/24"));
        foreach (string task in new[] { "t1", "t2" })
        {
            _net.Exec(task, "ip route add default via 172.20.0.1");
            _net.ServeTcp(_net[task], 80, task, protocol: Sctp);
        }
    }

    [TearDown]
    public void Remove() => _net.Dispose();

    [TestCase(BalancerKind.NfTables)]
    [TestCase(BalancerKind.Ipvs)]
    public async Task A_virtual_address_spreads_associations_and_shows_the_clients_address(BalancerKind kind)
    {
        using IServiceBalancer balancer = ServiceBalancer.Open(_net["node"], kind);
        balancer.SetServices([new VirtualService(IPAddress.Parse("10.255.0.100"), [new Backend(Ip(11)), new Backend(Ip(12))])]);
        var answers = new List<string>();
        for (int i = 0; i < 6; i++)
        {
            answers.Add(await TestNet.AskTcp(_net["node"], "10.255.0.100", 80, protocol: Sctp));
        }

        Assert.That(answers.Distinct(), Is.EquivalentTo(new[] { "t1 10.255.0.2", "t2 10.255.0.2" }));
        balancer.SetServices([new VirtualService(IPAddress.Parse("10.255.0.100"), [new Backend(Ip(12))])]);
        Assert.That(await TestNet.AskTcp(_net["node"], "10.255.0.100", 80, protocol: Sctp), Does.StartWith("t2"));
    }

    [Test]
    public async Task A_published_port_leads_associations_to_all_tasks_which_see_the_nodes_address()
    {
        // As in a swarm; it must not be in the way.
        foreach (string task in new[] { "t1", "t2" })
        {
            _net.Own(ReturnPath.Open(new ReturnPathOptions
            {
                Namespace = _net[task],
                InterfaceName = "ing0",
                Address = Ip(task == "t1" ? 11 : 12),
                Subnet = IPv4Prefix.Parse("10.255.0.0/24"),
            }));
        }

        using RoutingMesh mesh = RoutingMesh.Open(new RoutingMeshOptions { Namespace = _net["node"], IngressInterface = "ing0", LocalSources = [IPv4Prefix.Parse("172.20.0.0/24")] });
        mesh.SetPorts([new PublishedPort(PublishedPort.Sctp, 8080, [new PortBackend(Ip(11), 80), new PortBackend(Ip(12), 80)])]);
        var answers = new List<string>();
        for (int i = 0; i < 6; i++)
        {
            answers.Add(await TestNet.AskTcp(_net["stranger"], "192.0.2.1", 8080, protocol: Sctp));
        }

        Assert.That(answers.Distinct(), Is.EquivalentTo(new[] { "t1 10.255.0.2", "t2 10.255.0.2" }));
    }

    private static IPAddress Ip(int last) => IPAddress.Parse($"10.255.0.{last}");
}
