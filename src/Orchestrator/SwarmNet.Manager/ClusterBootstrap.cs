using System.Net;
using System.Security.Cryptography;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SwarmNet.Ca;
using SwarmNet.Manager.Allocator;
using SwarmNet.Manager.AtRest;
using SwarmNet.Manager.Control;
using SwarmNet.Manager.KeyManager;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager;

/// <summary>The first objects of a swarm: cluster, first node, ingress network, the predefined networks.</summary>
internal static class ClusterBootstrap
{
    private const string DefaultPool = "10.0.0.0/8";
    private const uint DefaultSubnetSize = 24;
    private const uint DefaultDataPathPort = 4789;

    /// <summary>Refuses options that no cluster can have; Docker's texts.</summary>
    public static void Check(SwarmManagerOptions options)
    {
        ClusterValidator.Check(WithDefaults(options.ClusterSpec));
        var size = options.SubnetSize == 0 ? DefaultSubnetSize : options.SubnetSize;
        if (size > 29)
        {
            throw Refuse.Invalid($"subnet size is out of range: {size}");
        }

        List<IPNetwork> pools = [];
        foreach (var text in options.DefaultAddressPool)
        {
            if (!IPNetwork.TryParse(text, out var pool))
            {
                throw Refuse.Invalid($"invalid default address pool {text}: a subnet such as 10.20.0.0/16 or fd00:20::/48 is needed");
            }

            // The size is that of IPv4 subnets.
            var subnetSize = pool.IsIPv6() ? DefaultPool6.SubnetSize : size;
            if (pool.PrefixLength > subnetSize)
            {
                throw Refuse.Invalid($"invalid CIDR: default address pool {text} is smaller than a subnet of size {subnetSize}");
            }

            if (pools.Any(other => other.Contains(pool.BaseAddress) || pool.Contains(other.BaseAddress)))
            {
                throw Refuse.Invalid($"invalid default address pool {text}: it overlaps with another one");
            }

            pools.Add(pool);
        }

        if (pools.Count > 0 && pools.TrueForAll(static pool => pool.IsIPv6()))
        {
            throw Refuse.Invalid($"invalid default address pool {options.DefaultAddressPool[0]}: one for IPv4 such as 10.20.0.0/16 is needed beside it");
        }

        if (options.DataPathPort is not (0 or (>= 1024 and <= 49151)))
        {
            throw Refuse.Invalid($"invalid data path port number {options.DataPathPort}: it must be between 1024 and 49151");
        }
    }

    public static void Create(
        StoreTransaction transaction, SwarmManagerOptions options, string clusterId, ManagerIdentity identity, RootCa root, Certificate certificate, UnlockKey? unlockKey)
    {
        transaction.Create(NewCluster(options, clusterId, root, unlockKey));
        transaction.Create(NewNode(options, identity, certificate));
        transaction.Create(new Network
        {
            Id = Identifiers.New(),
            Spec = new NetworkSpec
            {
                Annotations = new Annotations { Name = "ingress" },
                DriverConfig = new Driver { Name = "overlay" },
                Ipam = new IPAMOptions { Driver = new Driver { Name = "default" } },
                Ingress = true,
            },
        });
        foreach (var name in (ReadOnlySpan<string>)["bridge", "host"])
        {
            transaction.Create(new Network
            {
                Id = Identifiers.New(),
                Spec = new NetworkSpec
                {
                    Annotations = new Annotations { Name = name, Labels = { [NetworkRules.PredefinedLabel] = "true" } },
                    DriverConfig = new Driver { Name = name },
                },
            });
        }
    }

    /// <summary>The specification with Docker's value wherever it says nothing (or zero).</summary>
    public static ClusterSpec WithDefaults(ClusterSpec? given)
    {
        var spec = given?.Clone() ?? new ClusterSpec();
        spec.Annotations ??= new Annotations();
        spec.Annotations.Name = "default";
        spec.Orchestration ??= new OrchestrationConfig { TaskHistoryRetentionLimit = 5 };
        spec.Raft ??= new RaftConfig();
        spec.Raft.SnapshotInterval = spec.Raft.SnapshotInterval == 0 ? 10_000 : spec.Raft.SnapshotInterval;
        spec.Raft.LogEntriesForSlowFollowers = spec.Raft.LogEntriesForSlowFollowers == 0 ? 500 : spec.Raft.LogEntriesForSlowFollowers;
        spec.Raft.HeartbeatTick = spec.Raft.HeartbeatTick == 0 ? 1 : spec.Raft.HeartbeatTick;
        spec.Raft.ElectionTick = spec.Raft.ElectionTick == 0 ? 10 : spec.Raft.ElectionTick;
        spec.Dispatcher ??= new DispatcherConfig();
        spec.Dispatcher.HeartbeatPeriod = OrDefault(spec.Dispatcher.HeartbeatPeriod, TimeSpan.FromSeconds(5));
        spec.CaConfig ??= new CAConfig();
        spec.CaConfig.NodeCertExpiry = OrDefault(spec.CaConfig.NodeCertExpiry, RootCa.DefaultNodeValidity);
        spec.TaskDefaults ??= new TaskDefaults();
        spec.EncryptionConfig ??= new EncryptionConfig();
        return spec;
    }

    private static Duration OrDefault(Duration? duration, TimeSpan value) =>
        duration is null or { Seconds: 0, Nanos: 0 } ? value.ToDuration() : duration;

    private static Cluster NewCluster(SwarmManagerOptions options, string clusterId, RootCa root, UnlockKey? unlockKey)
    {
        using var random = RandomNumberGenerator.Create();
        var keys = NetworkKeys.Create(random);
        var cluster = new Cluster
        {
            Id = clusterId,
            Spec = WithDefaults(options.ClusterSpec),
            RootCa = new RootCA
            {
                CaCert = ByteString.CopyFrom(root.CertificatePem.Span),
                CaKey = ByteString.CopyFrom(root.KeyPem.Span),
                CaCertHash = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(root.CertificatePem.Span)),
                JoinTokens = new JoinTokens
                {
                    Worker = JoinToken.Create(root.CertificatePem.Span).ToString(),
                    Manager = JoinToken.Create(root.CertificatePem.Span).ToString(),
                },
            },
            EncryptionKeyLamportClock = keys[^1].LamportTime,
            SubnetSize = options.SubnetSize == 0 ? DefaultSubnetSize : options.SubnetSize,
            VxlanUdpPort = options.DataPathPort == 0 ? DefaultDataPathPort : options.DataPathPort,
        };
        if (unlockKey is not null)
        {
            cluster.Spec.EncryptionConfig.AutoLockManagers = true;
            ClusterLock.Put(cluster, unlockKey);
        }

        cluster.NetworkBootstrapKeys.AddRange(keys);
        cluster.DefaultAddressPool.AddRange(options.DefaultAddressPool.Count == 0 ? [DefaultPool] : options.DefaultAddressPool);
        return cluster;
    }

    private static Node NewNode(SwarmManagerOptions options, ManagerIdentity identity, Certificate certificate) => new()
    {
        Id = identity.NodeId,
        Spec = new NodeSpec
        {
            Annotations = new Annotations(),
            DesiredRole = NodeRole.Manager,
            Membership = NodeMembership.Accepted,
            Availability = options.Availability,
        },
        Role = NodeRole.Manager,
        Description = new NodeDescription(),
        Status = new NodeStatus { State = NodeState.Unknown },
        Certificate = certificate,
        ManagerStatus = ManagerStatusOf(options, identity),
        VxlanUdpPort = options.DataPathPort == 0 ? DefaultDataPathPort : options.DataPathPort,
    };

    public static ManagerStatus ManagerStatusOf(SwarmManagerOptions options, ManagerIdentity identity) => new()
    {
        RaftId = identity.RaftId,
        Addr = options.AdvertiseAddr,
        Leader = true,
        Reachability = Reachability.Reachable,
    };
}
