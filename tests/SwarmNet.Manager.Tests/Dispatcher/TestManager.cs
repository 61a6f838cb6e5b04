using System.Net;
using System.Security.Cryptography;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SwarmNet.Ca;
using SwarmNet.Grpc;
using SwarmNet.Manager.KeyManager;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Dispatcher;

/// <summary>A manager's endpoint on 127.0.0.1 over a store in memory, with its swarm: root, tokens, keys and the manager's node.</summary>
public sealed class TestManager : IAsyncDisposable
{
    public const string ClusterId = "cluster0000000000000000000";
    public const string ManagerId = "manager0000000000000000000";

    private readonly TimeProvider _time;
    private IPEndPoint _listen;

    private TestManager(TimeProvider time, IPAddress address)
    {
        _time = time;
        Ca = RootCa.Create(time.GetUtcNow());
        Store = new ClusterStore(time);
        Store.Start(new DirectProposer(Store));
        Certificate = Issue(SwarmRoles.Manager, ManagerId);
        _listen = new IPEndPoint(address, 0);
    }

    public RootCa Ca { get; }

    public ClusterStore Store { get; }

    public TrustRoot Root => TrustRoot.Parse(Ca.CertificatePem.Span);

    public NodeCertificate Certificate { get; set; }

    public ManagerEndpoint Endpoint { get; private set; } = null!;

    public string Address => Endpoint.LocalEndPoint.ToString();

    public JoinToken WorkerToken => Token(Store.View.Cluster!.RootCa.JoinTokens.Worker);

    public JoinToken ManagerToken => Token(Store.View.Cluster!.RootCa.JoinTokens.Manager);

    public static async Task<TestManager> StartAsync(TimeProvider? time = null, Action<Cluster>? configure = null, IPAddress? address = null)
    {
        var manager = new TestManager(time ?? TimeProvider.System, address ?? IPAddress.Loopback);
        using var random = RandomNumberGenerator.Create();
        var cluster = new Cluster
        {
            Id = ClusterId,
            Spec = new ClusterSpec
            {
                Annotations = new Annotations { Name = "default" },
                Dispatcher = new DispatcherConfig { HeartbeatPeriod = Duration.FromTimeSpan(TimeSpan.FromSeconds(5)) },
                CaConfig = new CAConfig { NodeCertExpiry = Duration.FromTimeSpan(TimeSpan.FromHours(2160)) },
            },
            RootCa = new RootCA
            {
                CaCert = ByteString.CopyFrom(manager.Ca.CertificatePem.Span),
                CaKey = ByteString.CopyFrom(manager.Ca.KeyPem.Span),
                JoinTokens = new JoinTokens
                {
                    Worker = JoinToken.Create(manager.Ca.CertificatePem.Span).ToString(),
                    Manager = JoinToken.Create(manager.Ca.CertificatePem.Span).ToString(),
                },
            },
            VxlanUdpPort = 4789,
        };
        cluster.NetworkBootstrapKeys.AddRange(NetworkKeys.Create(random));
        configure?.Invoke(cluster);
        await manager.Store.UpdateAsync(
            transaction =>
            {
                transaction.Create(cluster);
                transaction.Create(Node(ManagerId, NodeRole.Manager));
            },
            default);
        await manager.ListenAsync();
        return manager;
    }

    public static Node Node(string id, NodeRole role = NodeRole.Worker) => new()
    {
        Id = id,
        Role = role,
        Spec = new NodeSpec { Annotations = new Annotations(), DesiredRole = role, Membership = NodeMembership.Accepted },
        Certificate = new Certificate { Role = role, Status = new IssuanceStatus { State = IssuanceStatus.Types.State.IssuanceIssued } },
    };

    /// <summary>Starts the endpoint, at first or after <see cref="StopAsync"/> on the same address, and says so in the manager's node.</summary>
    public async Task ListenAsync()
    {
        Endpoint = await ManagerEndpoint.StartAsync(
            new ManagerEndpointOptions { ListenEndPoint = _listen, Store = Store, Certificate = () => Certificate, Time = _time, Random = new Random(1) },
            default);
        await Endpoint.LeadAsync(default);
        _listen = Endpoint.LocalEndPoint;
        await UpdateAsync(Store.View.Nodes.Get(ManagerId)!, node => node.ManagerStatus = new ManagerStatus { Addr = Address, Leader = true });
    }

    public async Task StopAsync() => await Endpoint.DisposeAsync();

    /// <summary>A certificate that the root signed, without a node object.</summary>
    public NodeCertificate Issue(string role, string nodeId, string clusterId = ClusterId)
    {
        var request = CertificateSigningRequest.Create();
        var pem = Ca.Sign(request.Pem.Span, new PeerIdentity(clusterId, role, nodeId), RootCa.DefaultNodeValidity, _time.GetUtcNow());
        return NodeCertificate.Create(pem, request.KeyPem.Span, Root);
    }

    /// <summary>A node that is in the store, and a channel with its certificate.</summary>
    public async Task<GrpcChannel> AddNodeAsync(string nodeId)
    {
        await Store.UpdateAsync(transaction => transaction.Create(Node(nodeId)), default);
        return Channel(Issue(SwarmRoles.Worker, nodeId));
    }

    public GrpcChannel Channel(NodeCertificate? certificate) => SwarmTls.Channel(Address, certificate is null ? SwarmRoles.CA : SwarmRoles.Manager, Root, certificate);

    public Task CreateAsync(params IMessage[] objects) => Store.UpdateAsync(
        transaction =>
        {
            foreach (var value in objects)
            {
                transaction.Create(value);
            }
        },
        default);

    public Task UpdateAsync<T>(T stored, Action<T> change)
        where T : IMessage<T>, IDeepCloneable<T>
        => Store.UpdateAsync(
            transaction =>
            {
                var current = (T)Stored(transaction.View, stored);
                var clone = current.Clone();
                change(clone);
                transaction.Update(clone);
            },
            default);

    public NodeState State(string nodeId) => Store.View.Nodes.Get(nodeId)?.Status?.State ?? NodeState.Unknown;

    public async ValueTask DisposeAsync()
    {
        await Endpoint.DisposeAsync();
        await Store.DisposeAsync();
        Ca.Dispose();
    }

    // By the public tables only: this file is compiled into other test projects too.
    private static IMessage Stored(StoreView view, IMessage like) => like switch
    {
        Node node => view.Nodes.Get(node.Id)!,
        SwarmTask task => view.Tasks.Get(task.Id)!,
        _ => view.Cluster!,
    };

    private static JoinToken Token(string text) => JoinToken.TryParse(text, out var token) ? token : throw new FormatException(text);

    /// <summary>A log of one voter without a disk.</summary>
    private sealed class DirectProposer(ClusterStore store) : IProposer
    {
        private ulong _index;

        public ValueTask<ulong> ProposeAsync(ReadOnlyMemory<byte> command, CancellationToken cancellationToken)
        {
            store.Apply(++_index, command.Span);
            return ValueTask.FromResult(_index);
        }
    }
}
