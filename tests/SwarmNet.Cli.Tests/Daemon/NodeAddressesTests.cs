using System.Net;
using SwarmNet.Cli.Daemon;
using SwarmNet.EngineApi;

namespace SwarmNet.Cli.Tests.Daemon;

public sealed class NodeAddressesTests
{
    private static readonly HostAddress[] OneInterface = [new("lo", IPAddress.Loopback), new("eth0", IPAddress.Parse("10.1.0.5")), new("docker0", IPAddress.Parse("172.17.0.1"))];
    private static readonly HostAddress[] TwoInterfaces = [.. OneInterface, new("eth1", IPAddress.Parse("10.2.0.5"))];
    private static readonly HostAddress[] TwoOnOne = [.. OneInterface, new("eth0", IPAddress.Parse("10.1.0.6"))];

    [TestCase("", "", "0.0.0.0:2377", "10.1.0.5:2377", TestName = "the only address is advertised")]
    [TestCase("0.0.0.0:2377", "eth0", "0.0.0.0:2377", "10.1.0.5:2377", TestName = "an interface stands for its address")]
    [TestCase("0.0.0.0:4000", "10.1.0.5", "0.0.0.0:4000", "10.1.0.5:4000", TestName = "the advertised port follows the listening one")]
    [TestCase("10.1.0.5:4000", "", "10.1.0.5:4000", "10.1.0.5:4000", TestName = "a specific listening address is advertised")]
    [TestCase("eth0:4000", "10.1.0.5:5000", "10.1.0.5:4000", "10.1.0.5:5000", TestName = "both with their ports")]
    public void Resolves(string listen, string advertise, string expectedListen, string expectedAdvertise)
    {
        var result = NodeAddresses.Resolve(listen, advertise, "", OneInterface);
        Assert.Multiple(() =>
        {
            Assert.That(result.ListenText, Is.EqualTo(expectedListen));
            Assert.That(result.AdvertiseText, Is.EqualTo(expectedAdvertise));
            Assert.That(result.DataPath, Is.EqualTo(result.Advertise));
        });
    }

    [TestCase("", "", "0.0.0.0:2377", "[fd00::5]:2377", TestName = "of IPv6 the only global address is advertised")]
    [TestCase("", "eth0", "0.0.0.0:2377", "[fd00::5]:2377", TestName = "an interface stands for its global IPv6 address")]
    [TestCase("[::]:4000", "fd00::5", "[::]:4000", "[fd00::5]:4000", TestName = "an IPv6 address without brackets has no port")]
    [TestCase("[fd00::5]", "", "[fd00::5]:2377", "[fd00::5]:2377", TestName = "an IPv6 address in brackets may have no port")]
    [TestCase("[fd00::5]:4000", "[fd00::5]:5000", "[fd00::5]:4000", "[fd00::5]:5000", TestName = "IPv6 addresses with ports")]
    public void Resolves_ipv6(string listen, string advertise, string expectedListen, string expectedAdvertise)
    {
        HostAddress[] host = [new("lo", IPAddress.IPv6Loopback), new("eth0", IPAddress.Parse("fe80::1")), new("eth0", IPAddress.Parse("fd00::5")), new("docker0", IPAddress.Parse("fd11::1"))];
        var result = NodeAddresses.Resolve(listen, advertise, "", host);
        Assert.That((result.ListenText, result.AdvertiseText, result.Local.ToString()), Is.EqualTo((expectedListen, expectedAdvertise, "fd00::5")));
    }

    [Test]
    public void Who_joins_advertises_the_address_that_reaches_the_manager()
    {
        HostAddress[] host = [.. TwoInterfaces, new("eth0", IPAddress.Parse("fd00::5"))];
        Assert.That(NodeAddresses.Resolve("", "", "", host, IPAddress.Parse("fd00::5")).AdvertiseText, Is.EqualTo("[fd00::5]:2377"));
        Assert.That(NodeAddresses.Resolve("10.2.0.5", "", "", host, IPAddress.Parse("fd00::5")).AdvertiseText, Is.EqualTo("10.2.0.5:2377"), "what is said counts");
        Assert.That(NodeAddresses.Resolve("", "eth1", "", host, IPAddress.Parse("fd00::5")).AdvertiseText, Is.EqualTo("10.2.0.5:2377"));
    }

    [Test]
    public void An_advertised_address_of_another_machine_keeps_the_tunnel_on_this_one()
    {
        var result = NodeAddresses.Resolve("0.0.0.0:2377", "192.0.2.77", "", OneInterface);
        Assert.That((result.Advertise.ToString(), result.Local.ToString()), Is.EqualTo(("192.0.2.77", "10.1.0.5")));
    }

    [TestCase("nosuchif", "advertise address must be a non-zero IP address or network interface (with optional port number)")]
    [TestCase("999.1.2.3", "advertise address must be a non-zero IP address or network interface (with optional port number)")]
    [TestCase("0.0.0.0", "advertise address must be a non-zero IP address or network interface (with optional port number)")]
    public void Refuses_an_advertise_address_that_is_none(string advertise, string text) => AssertRefused(() => NodeAddresses.Resolve("0.0.0.0:2377", advertise, "", OneInterface), text);

    [Test]
    public void Refuses_a_listen_address_that_is_none() => AssertRefused(
        () => NodeAddresses.Resolve("frob", "", "", OneInterface), "listen address must be an IP address or network interface (with optional port number)");

    [Test]
    public void Refuses_to_guess_between_interfaces() => AssertRefused(
        () => NodeAddresses.Resolve("0.0.0.0:2377", "", "", TwoInterfaces),
        "could not choose an IP address to advertise since this system has multiple addresses on different interfaces (10.1.0.5 on eth0 and 10.2.0.5 on eth1) - specify one with --advertise-addr");

    [Test]
    public void Refuses_to_guess_between_addresses_of_one_interface() => AssertRefused(
        () => NodeAddresses.Resolve("0.0.0.0:2377", "", "", TwoOnOne),
        "could not choose an IP address to advertise since this system has multiple addresses on interface eth0 (10.1.0.5 and 10.1.0.6) - specify one with --advertise-addr");

    private static void AssertRefused(Action call, string text)
    {
        var error = Assert.Throws<ApiException>(call)!;
        Assert.That((error.Status, error.Message), Is.EqualTo((400, text)));
    }
}
