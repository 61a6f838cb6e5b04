using System.Net;
using System.Net.Sockets;
using SwarmNet.Agent.Network;
using SwarmNet.Agent.Tasks;
using SwarmNet.Protocol;
using NetworkMessage = SwarmNet.Protocol.Network;

namespace SwarmNet.Agent.Tests.Network;

public sealed class OverlayParametersTests
{
    private const string MtuOption = "com.docker.network.driver.mtu";

    [TestCase(1500, AddressFamily.InterNetwork, null, 1450)]
    [TestCase(9000, AddressFamily.InterNetwork, null, 8950)]
    [TestCase(1500, AddressFamily.InterNetworkV6, null, 1430)]
    [TestCase(1500, AddressFamily.InterNetwork, "1400", 1350)]
    public void The_MTU_is_the_underlays_less_the_tunnels_share(int underlay, AddressFamily family, string? option, int expected)
        => Assert.That(OverlayParameters.Of(Message(option), underlay, family).Mtu, Is.EqualTo(expected));

    [TestCase("100", "network demo cannot have an MTU of 100: 50 bytes of it are the tunnel's, and 50 are left, where 68 to 65535 would be right")]
    [TestCase("big", "network demo has the driver option com.docker.network.driver.mtu=big, which is no number: the MTU of the network between the nodes, such as 1500, would be right")]
    public void An_impossible_MTU_is_refused(string option, string message)
        => Assert.That(() => OverlayParameters.Of(Message(option), 1500), Throws.TypeOf<TaskException>().With.Message.EqualTo(message));

    [Test]
    public void Each_subnet_has_a_network_identifier_of_its_own()
    {
        var message = Message(null);
        message.Ipam.Configs.Add(new IPAMConfig { Subnet = "10.0.2.0/24", Gateway = "10.0.2.1" });
        Assert.That(() => OverlayParameters.Of(message, 1500), Throws.TypeOf<TaskException>().With.Message.EqualTo("network demo has no VXLAN network identifier yet"));
        message.DriverState.Options["com.docker.network.driver.overlay.vxlanid_list"] = "4097,4098";
        Assert.That(
            OverlayParameters.Of(message, 1500).Subnets.Select(s => (s.Vni, $"{s.Subnet}", s.Gateway)),
            Is.EqualTo(new[] { (4097u, "10.0.1.0/24", IPAddress.Parse("10.0.1.1")), (4098u, "10.0.2.0/24", IPAddress.Parse("10.0.2.1")) }));
    }

    [Test]
    public void An_ipv6_subnet_shares_the_first_tunnel_and_asks_for_a_larger_MTU()
    {
        var message = Message("1329");
        message.Ipam.Configs.Add(new IPAMConfig { Family = IPAMConfig.Types.AddressFamily.Ipv6, Subnet = "fd00:1::/64", Gateway = "fd00:1::1" });
        Assert.That(() => OverlayParameters.Of(message, 1500), Throws.TypeOf<TaskException>().With.Message.EndsWith("and 1279 are left, where 1280 to 65535 would be right"));
        message.Spec.DriverConfig.Options.Clear();
        var parameters = OverlayParameters.Of(message, 1500);
        Assert.That((parameters.Subnet6, parameters.Subnets.Count), Is.EqualTo((IPNetwork.Parse("fd00:1::/64"), 1)));
        message.Ipam.Configs[1].Subnet = "frob";
        Assert.That(() => OverlayParameters.Of(message, 1500), Throws.TypeOf<TaskException>().With.Message.EqualTo("network demo has the IPv6 subnet frob, which is none: fd00:1::/64 would be one"));
    }

    private static NetworkMessage Message(string? mtu)
    {
        var network = new NetworkMessage
        {
            Id = "n1",
            Spec = new NetworkSpec { Annotations = new Annotations { Name = "demo" }, DriverConfig = new Driver { Name = "overlay" } },
            DriverState = new Driver { Name = "overlay" },
            Ipam = new IPAMOptions { Configs = { new IPAMConfig { Subnet = "10.0.1.0/24", Gateway = "10.0.1.1" } } },
        };
        network.DriverState.Options["com.docker.network.driver.overlay.vxlanid_list"] = "4097";
        if (mtu is not null)
        {
            network.Spec.DriverConfig.Options[MtuOption] = mtu;
        }

        return network;
    }
}
