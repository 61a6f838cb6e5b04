using System.Net;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using SwarmNet.Agent.Network;
using SwarmNet.Protocol;
using NetworkMessage = SwarmNet.Protocol.Network;

namespace SwarmNet.Agent.Tests.Network;

/// <summary>Tasks on a network of VNI 4097 that is, or is not, to be encrypted, and keys for it.</summary>
internal static class EncryptedTasks
{
    public static NodeNetwork Open(TemporaryFolder folder) => new(
        new NodeNetworkOptions
        {
            NamespaceDirectory = folder["netns"],
            MemoryDirectory = folder["memory"],
            TunnelAddress = IPAddress.Loopback,
            ReconcilePeriod = TimeSpan.FromHours(1),
        },
        NullLogger<NodeNetwork>.Instance);

    public static SwarmTask Task(string id, string networkId, bool isEncrypted)
    {
        var network = new NetworkMessage
        {
            Id = networkId,
            Spec = new NetworkSpec { Annotations = new Annotations { Name = "secret" }, Internal = true },
            DriverState = new Driver { Name = "overlay", Options = { ["com.docker.network.driver.overlay.vxlanid_list"] = "4097" } },
            Ipam = new IPAMOptions(),
        };
        network.Ipam.Configs.Add(new IPAMConfig { Subnet = "10.55.1.0/24", Gateway = "10.55.1.1" });
        if (isEncrypted)
        {
            network.DriverState.Options["encrypted"] = "";
        }

        return new SwarmTask
        {
            Id = id,
            Spec = new TaskSpec { Container = new ContainerSpec() },
            Networks = { new NetworkAttachment { Network = network, Addresses = { "10.55.1.5/24" } } },
        };
    }

    /// <summary>Three keys, of which the middle one sends, and a key of another subsystem.</summary>
    public static EncryptionKey[] Keys(ulong first) =>
    [
        .. Enumerable.Range(0, 3).Select(i => new EncryptionKey
        {
            Subsystem = "networking:ipsec",
            LamportTime = first + (ulong)i,
            Key = ByteString.CopyFrom([.. Enumerable.Repeat((byte)(first + (ulong)i), 16)]),
        }),
        new EncryptionKey { Subsystem = "networking:gossip", LamportTime = 1000, Key = ByteString.CopyFrom(new byte[16]) },
    ];
}
