using SwarmNet.Agent.Network;
using SwarmNet.Protocol;
using NetworkMessage = SwarmNet.Protocol.Network;

namespace SwarmNet.Agent.Tests.Network;

public sealed class OverlayParametersTests
{
    // 50 bytes of VXLAN, 26 of ESP, then down to a multiple of 4: the numbers of Docker's engine.
    [TestCase(1500, false, 1450)]
    [TestCase(1500, true, 1424)]
    [TestCase(9001, true, 8924)]
    [TestCase(1499, true, 1420)]
    public void The_MTU_leaves_room_for_tunnel_and_encryption(int underlay, bool isEncrypted, int expected)
    {
        var parameters = OverlayParameters.Of(Network(isEncrypted), underlay);
        Assert.That(parameters.Mtu, Is.EqualTo(expected));
        Assert.That(parameters.IsEncrypted, Is.EqualTo(isEncrypted));
    }

    [Test]
    public void Encryption_counts_whether_the_driver_or_the_specification_says_it()
    {
        var network = Network(isEncrypted: false);
        network.Spec.DriverConfig = new Driver { Name = "overlay", Options = { ["encrypted"] = "" } };
        Assert.That(OverlayParameters.Of(network, 1500).IsEncrypted, Is.True);
    }

    [Test]
    public void Keys_are_used_by_their_age_middle_one_first()
    {
        EncryptionKey[] keys =
        [
            Key("networking:ipsec", 9), Key("networking:gossip", 8), Key("networking:ipsec", 5), Key("networking:ipsec", 7), Key("networking:gossip", 4),
        ];
        Assert.That(BootstrapKeys.InOrderOfUse(keys, "networking:ipsec").Select(key => key.LamportTime), Is.EqualTo(new[] { 7, 5, 9 }));
        Assert.That(BootstrapKeys.InOrderOfUse(keys, "networking:gossip").Select(key => key.LamportTime), Is.EqualTo(new[] { 8, 4 }));
        Assert.That(BootstrapKeys.InOrderOfUse(keys, "other"), Is.Empty);
    }

    private static EncryptionKey Key(string subsystem, ulong time) => new() { Subsystem = subsystem, LamportTime = time };

    private static NetworkMessage Network(bool isEncrypted)
    {
        var network = new NetworkMessage
        {
            Id = "n",
            Spec = new NetworkSpec { Annotations = new Annotations { Name = "net" } },
            DriverState = new Driver { Name = "overlay", Options = { ["com.docker.network.driver.overlay.vxlanid_list"] = "4097" } },
            Ipam = new IPAMOptions(),
        };
        network.Ipam.Configs.Add(new IPAMConfig { Subnet = "10.0.1.0/24", Gateway = "10.0.1.1" });
        if (isEncrypted)
        {
            network.DriverState.Options["encrypted"] = "";
        }

        return network;
    }
}
