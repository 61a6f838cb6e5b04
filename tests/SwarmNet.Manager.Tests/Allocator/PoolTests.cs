using System.Net;
using SwarmNet.Manager.Allocator;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Tests.Allocator;

[TestFixture]
public sealed class PoolTests
{
    [Test]
    public void Subnets_are_first_fit_around_what_is_taken()
    {
        var pool = new SubnetPool([IPNetwork.Parse("10.0.0.0/22"), IPNetwork.Parse("10.9.0.0/24")], 24);
        Assert.That(pool.TryReserve(IPNetwork.Parse("10.0.1.128/25")), Is.True);
        Assert.That(pool.TryReserve(IPNetwork.Parse("10.0.1.0/24")), Is.False);
        Assert.That(Allocate(pool), Is.EqualTo("10.0.0.0/24"));
        Assert.That(Allocate(pool), Is.EqualTo("10.0.2.0/24"));
        pool.Release(IPNetwork.Parse("10.0.0.0/24"));
        Assert.That(Allocate(pool), Is.EqualTo("10.0.0.0/24"));
        Assert.That(Allocate(pool), Is.EqualTo("10.0.3.0/24"));
        Assert.That(Allocate(pool), Is.EqualTo("10.9.0.0/24"));
        Assert.That(pool.TryAllocate(), Is.Null);
    }

    [Test]
    public void A_taken_range_larger_than_the_pool_leaves_nothing()
    {
        var pool = new SubnetPool([IPNetwork.Parse("10.1.0.0/16")], 24);
        pool.TryReserve(IPNetwork.Parse("10.0.0.0/8"));
        Assert.That(pool.TryAllocate(), Is.Null);
    }

    [Test]
    public void The_last_subnet_of_the_address_space_can_be_had()
    {
        var pool = new SubnetPool([IPNetwork.Parse("255.255.255.0/24")], 25);
        Assert.That(Allocate(pool), Is.EqualTo("255.255.255.0/25"));
        Assert.That(Allocate(pool), Is.EqualTo("255.255.255.128/25"));
        Assert.That(pool.TryAllocate(), Is.Null);
    }

    [Test]
    public void Ipv6_subnets_are_first_fit_too()
    {
        var pool = new SubnetPool([IPNetwork.Parse("fd00:1::/62"), IPNetwork.Parse("ffff:ffff:ffff:ffff::/64")], 64);
        Assert.That(pool.TryReserve(IPNetwork.Parse("fd00:1:0:1:8000::/65")), Is.True);
        Assert.That(pool.TryReserve(IPNetwork.Parse("fd00::/8")), Is.False);
        Assert.That(new[] { Allocate(pool), Allocate(pool), Allocate(pool), Allocate(pool), Allocate(pool) },
            Is.EqualTo(new[] { "fd00:1::/64", "fd00:1:0:2::/64", "fd00:1:0:3::/64", "ffff:ffff:ffff:ffff::/64", null }));
    }

    [Test]
    public void Freed_numbers_rest_until_the_others_have_been_used()
    {
        var pool = new SerialPool(1, 4);
        Assert.That(new[] { pool.TryAllocate(), pool.TryAllocate() }, Is.EqualTo(new uint?[] { 1, 2 }));
        pool.Release(1);
        Assert.That(new[] { pool.TryAllocate(), pool.TryAllocate(), pool.TryAllocate() }, Is.EqualTo(new uint?[] { 3, 4, 1 }));
        Assert.That(pool.TryAllocate(), Is.Null);
    }

    [Test]
    public void After_a_restart_it_goes_on_above_the_highest()
    {
        var pool = new SerialPool(1, 10);
        Assert.That(pool.TryReserve(5), Is.True);
        Assert.That(pool.TryReserve(5), Is.False);
        Assert.That(pool.TryReserve(3), Is.True);
        Assert.That(pool.TryAllocate(), Is.EqualTo(6));
    }

    [Test]
    public void The_whole_number_range_works()
    {
        var pool = new SerialPool(uint.MaxValue, uint.MaxValue);
        Assert.That(pool.TryAllocate(), Is.EqualTo(uint.MaxValue));
        Assert.That(pool.TryAllocate(), Is.Null);
    }

    [Test]
    public void Dynamic_ports_stick_and_fixed_ones_come_first()
    {
        var ports = new PublishedPorts();
        var first = ports.TryAllocate([Specs.Port(80, 0), Specs.Port(81, 30000)], [], out _, out _)!;
        Assert.That(first.Select(port => port.PublishedPort), Is.EqualTo(new uint[] { 30001, 30000 }));

        var second = ports.TryAllocate([Specs.Port(90, 0), Specs.Port(80, 0)], first, out var taken, out _)!;
        Assert.That(second.Select(port => port.PublishedPort), Is.EqualTo(new uint[] { 30002, 30001 }));
        Assert.That(taken.Select(port => port.PublishedPort), Is.EqualTo(new uint[] { 30002 }));

        Assert.That(ports.TryAllocate([Specs.Port(1, 0), Specs.Port(2, 30000)], [], out _, out var error), Is.Null);
        Assert.That(error, Is.EqualTo("port '30000' is already in use"));
        Assert.That(ports.TryAllocate([Specs.Port(1, 30000, PublishMode.Host)], [], out _, out _), Is.Not.Null);
        Assert.That(
            ports.TryAllocate([new PortConfig { TargetPort = 2, PublishedPort = 30000, Protocol = PortProtocol.Udp }], [], out _, out _), Is.Not.Null);
    }

    private static string? Allocate(SubnetPool pool) => pool.TryAllocate()?.ToString();
}
