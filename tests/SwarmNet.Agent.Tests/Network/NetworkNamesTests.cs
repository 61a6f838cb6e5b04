using System.Net;
using Google.Protobuf;
using SwarmNet.Agent.Network;
using SwarmNet.Netlink.Route;
using SwarmNet.Overlay.Balancing;
using SwarmNet.Overlay.Mesh;
using PeerRecord = SwarmNet.Gossip.Tables.PeerRecord;
using PublishedPort = SwarmNet.Agent.Network.PublishedPort;

namespace SwarmNet.Agent.Tests.Network;

public sealed class NetworkNamesTests
{
    private static readonly IPAddress Vip = IPAddress.Parse("10.0.1.2");
    private static readonly IPAddress Vip6 = IPAddress.Parse("fd00:1::2");

    [Test]
    public void A_service_name_is_its_virtual_address_and_tasks_are_its_tasks()
    {
        var names = NetworkNames.Of([Task(1), Task(2), Task(3)]);
        Assert.Multiple(() =>
        {
            Assert.That(names.Names["web"], Is.EqualTo(new[] { Vip }));
            Assert.That(names.Names["tasks.web"], Is.EqualTo(new[] { Address(1), Address(2), Address(3) }));
            Assert.That(names.Names["WWW"], Is.EqualTo(new[] { Vip }), "an alias, in any case");
            Assert.That(names.Names["web.2.task2"], Is.EqualTo(new[] { Address(2) }));
            Assert.That(names.Reverse[Address(3)], Is.EqualTo("web.3.task3"));
            Assert.That(names.VirtualServices[Vip].Backends, Is.EqualTo(new[] { new Backend(Address(1)), new Backend(Address(2)), new Backend(Address(3)) }));
        });
    }

    [Test]
    public void A_stopping_task_is_drained_and_has_no_names()
    {
        var names = NetworkNames.Of([Task(1), Task(2) with { IsDisabled = true }]);
        Assert.Multiple(() =>
        {
            Assert.That(names.Names["tasks.web"], Is.EqualTo(new[] { Address(1) }));
            Assert.That(names.Names, Does.Not.ContainKey("web.2.task2"));
            Assert.That(names.VirtualServices[Vip].Backends, Is.EqualTo(new[] { new Backend(Address(1)), new Backend(Address(2), 0) }));
        });
    }

    [Test]
    public void A_virtual_address_stays_known_while_its_last_task_stops()
    {
        var names = NetworkNames.Of([Task(1) with { IsDisabled = true }]);
        Assert.That(names.VirtualServices[Vip].Backends, Is.EqualTo(new[] { new Backend(Address(1), 0) }));
        Assert.That(names.Names, Is.Empty);
    }

    [Test]
    public void Without_a_virtual_address_the_service_name_is_every_task()
    {
        var names = NetworkNames.Of([Task(1) with { VirtualIp = null }, Task(2) with { VirtualIp = null }]);
        Assert.That(names.Names["web"], Is.EqualTo(new[] { Address(1), Address(2) }));
        Assert.That(names.VirtualServices, Is.Empty);
    }

    [Test]
    public void Two_records_of_one_address_count_once()
    {
        var names = NetworkNames.Of([Task(1) with { Id = "a", IsDisabled = true }, Task(1), Task(1) with { Id = "older" }]);
        Assert.That(names.VirtualServices[Vip].Backends, Is.EqualTo(new[] { new Backend(Address(1)) }), "and the one that serves counts");
        Assert.That(names.Names["tasks.web"], Is.EqualTo(new[] { Address(1) }));
    }

    [Test]
    public void Published_ports_lead_to_target_ports()
    {
        var names = NetworkNames.Of([Task(1) with { Ports = [new PublishedPort(6, 8080, 80)] }, Task(2) with { Ports = [new PublishedPort(6, 8080, 80), new PublishedPort(17, 53, 53)] }]);
        Assert.That(names.PublishedPorts[new PublishedPortKey(6, 8080)].Backends, Is.EqualTo(new[] { Stock(Address(1), 80), Stock(Address(2), 80) }));
        Assert.That(names.PublishedPorts[new PublishedPortKey(17, 53)].Backends, Is.EqualTo(new[] { Stock(Address(2), 53) }));

        static PortBackend Stock(IPAddress address, ushort port) => new(address, port) { TranslatesSource = true };
    }

    [Test]
    public void Policies_of_the_endpoints_reach_virtual_addresses_and_ports()
    {
        var policy = new EndpointPolicy
        {
            ShowsSource = true,
            Weight = 3,
            Affinity = new ClientAffinity { Timeout = TimeSpan.FromMinutes(5) },
            Timeouts = new FlowTimeouts { Udp = TimeSpan.FromSeconds(10) },
        };
        var names = NetworkNames.Of([Task(1) with { Policy = policy, Ports = [new PublishedPort(6, 8080, 80)] }]);
        var service = names.VirtualServices[Vip];
        var port = names.PublishedPorts[new PublishedPortKey(6, 8080)];
        Assert.That((service.Backends[0].Weight, service.Affinity, service.Timeouts), Is.EqualTo((3, policy.Affinity, policy.Timeouts)));
        Assert.That((port.Backends[0], port.Affinity, port.Timeouts), Is.EqualTo((new PortBackend(Address(1), 80, 3), policy.Affinity, policy.Timeouts)));
    }

    [Test]
    public void An_endpoint_without_a_service_has_its_own_names_only()
    {
        var names = NetworkNames.Of([Task(1) with { ServiceId = "", ServiceName = "", Aliases = [], VirtualIp = null }]);
        Assert.That(names.Names.Keys, Is.EquivalentTo(new[] { "web.1.task1", "short1" }));
    }

    [Test]
    public void With_ipv6_names_and_virtual_addresses_are_of_both_families()
    {
        // The third is a stock engine's: it announces no IPv6 address.
        var names = NetworkNames.Of([Dual(1), Dual(2) with { IsDisabled = true }, Task(3)]);
        Assert.Multiple(() =>
        {
            Assert.That(names.Names["web"], Is.EqualTo(new[] { Vip, Vip6 }));
            Assert.That(names.Names["tasks.web"], Is.EqualTo(new[] { Address(1), Address6(1), Address(3) }));
            Assert.That(names.Names["web.1.task1"], Is.EqualTo(new[] { Address(1), Address6(1) }));
            Assert.That(names.Reverse[Address6(1)], Is.EqualTo("web.1.task1"));
            Assert.That(names.VirtualServices[Vip].Backends, Has.Count.EqualTo(3));
            Assert.That(names.VirtualServices[Vip6].Backends, Is.EqualTo(new[] { new Backend(Address6(1)), new Backend(Address6(2), 0) }));
        });

        var roundRobin = NetworkNames.Of([Dual(1) with { VirtualIp = null, VirtualIp6 = null }]);
        Assert.That(roundRobin.Names["web"], Is.EqualTo(new[] { Address(1), Address6(1) }));
        Assert.That(roundRobin.VirtualServices, Is.Empty);

        static NetworkEndpoint Dual(int n) => Task(n) with { Address6 = Address6(n), VirtualIp6 = Vip6 };
    }

    [Test]
    public void Ipv6_addresses_travel_in_fields_that_stock_engines_skip()
    {
        var dual = Task(1) with { Address6 = Address6(1), VirtualIp6 = Vip6 };
        var bytes = EndpointRecords.ToBytes(dual);
        var parsed = EndpointRecords.ParseEndpoint(dual.Id, bytes)!;
        Assert.That((parsed.Address, parsed.VirtualIp, parsed.Address6, parsed.VirtualIp6), Is.EqualTo((dual.Address, dual.VirtualIp, dual.Address6, dual.VirtualIp6)));
        Assert.That(EndpointRecords.ToBytes(Task(1)), Is.EqualTo(bytes[..EndpointRecords.ToBytes(Task(1)).Length]), "behind all that a stock engine knows");

        var peer = new PeerEntry(Address(1), 24, MacAddress.Parse("02:42:0a:00:01:0b"), IPAddress.Parse("192.0.2.1")) { Key = "k", Address6 = new InterfaceAddress(Address6(1), 64) };
        Assert.That(EndpointRecords.ParsePeer("k", EndpointRecords.ToBytes(peer)), Is.EqualTo(peer));
        Assert.That(EndpointRecords.ParsePeer("k", new PeerRecord { EndpointIp = "10.0.1.11/24", EndpointMac = "02:42:0a:00:01:0b", TunnelEndpointIp = "192.0.2.1", EndpointIp6 = "fd00::1" }.ToByteArray()),
            Is.EqualTo(peer with { Address6 = null }), "one without a prefix length is none");
    }

    private static IPAddress Address6(int n) => IPAddress.Parse($"fd00:1::{10 + n}");

    private static IPAddress Address(int n) => new([10, 0, 1, (byte)(10 + n)]);

    private static NetworkEndpoint Task(int n) => new(
        $"endpoint{n}", $"web.{n}.task{n}", "web", "service1", Vip, Address(n), [], ["www"], [$"short{n}"], IsDisabled: false);
}
