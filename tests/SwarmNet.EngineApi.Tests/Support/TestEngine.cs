using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using SwarmNet.EngineApi.Swarm;
using SwarmNet.Manager.Control;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Tests.Support;

/// <summary>An API server in this process on a socket of its own, over a store without a manager.</summary>
internal sealed class TestEngine : IAsyncDisposable
{
    private readonly EngineApiServer server;
    private readonly DirectoryInfo folder;
    private readonly ClusterStore? store;

    private TestEngine(EngineApiServer server, DirectoryInfo folder, string socket, FakeNode node, ClusterStore? store)
    {
        this.server = server;
        this.folder = folder;
        this.store = store;
        Socket = socket;
        Node = node;
        Http = Client(socket);
    }

    public string Socket { get; }

    public FakeNode Node { get; }

    public HttpClient Http { get; }

    public ClusterStore Store => store ?? throw new InvalidOperationException("This engine is no manager.");

    /// <summary>An engine outside any swarm, or with the given status.</summary>
    public static Task<TestEngine> StartAsync(SwarmNodeStatus? status = null, Func<EngineApiOptions, EngineApiOptions>? configure = null) =>
        StartAsync(status ?? new SwarmNodeStatus(LocalNodeState.Inactive, "", "", "", []), null, configure);

    /// <summary>A manager whose store holds the recorded swarm.</summary>
    public static Task<TestEngine> StartRecordedAsync(Func<EngineApiOptions, EngineApiOptions>? configure = null)
    {
        var snapshot = new StoreSnapshot { VersionIndex = 500 };
        snapshot.Services.Add(All("02-services").Select(GoldenObjects.Service));
        var services = snapshot.Services.ToDictionary(service => service.Id);
        snapshot.Tasks.Add(All("02-tasks").Select(task => GoldenObjects.SwarmTask(task, id => services.GetValueOrDefault(id))));
        snapshot.Nodes.Add(All("02-nodes").Select(GoldenObjects.Node));
        snapshot.Networks.Add(All("02-networks-overlay").Select(GoldenObjects.Network));
        snapshot.Secrets.Add(All("02-secrets").Select(GoldenObjects.Secret));
        snapshot.Configs.Add(All("02-configs").Select(GoldenObjects.Config));
        snapshot.Clusters.Add(GoldenObjects.Cluster(GoldenFile.Load("02-swarm").Body));
        return StartManagerAsync(snapshot, configure);
    }

    /// <summary>A manager with these objects.</summary>
    /// <param name="snapshot">The objects.</param>
    /// <param name="configure">Changes the options.</param>
    /// <param name="self">Which node this is; without it the recorded swarm's only manager.</param>
    /// <param name="error">Why the manager cannot answer.</param>
    public static async Task<TestEngine> StartManagerAsync(
        StoreSnapshot snapshot, Func<EngineApiOptions, EngineApiOptions>? configure = null, Node? self = null, string error = "")
    {
        var store = new ClusterStore(TimeProvider.System);
        store.RestoreSnapshot(snapshot.VersionIndex, new(Google.Protobuf.MessageExtensions.ToByteArray(snapshot)));
        store.Start(new LocalProposer(store, snapshot.VersionIndex));
        var peers = self is null
            ? [new Peer { NodeId = "l913u9yfotbcid7ufifhbcebk", Addr = "10.200.0.1:2377" }]
            : snapshot.Nodes.Where(node => node.ManagerStatus is not null).Select(node => new Peer { NodeId = node.Id, Addr = node.ManagerStatus.Addr }).ToList();
        var status = new SwarmNodeStatus(LocalNodeState.Active, self?.Id ?? peers[0].NodeId, self?.Status.Addr ?? "10.200.0.1", error, peers);
        return await StartAsync(status, store, configure);
    }

    public async Task<(int Status, string Body, HttpResponseMessage Response)> SendAsync(
        string method, string path, string? body = null, string contentType = "application/json")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "http://docker" + path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8);
            request.Content.Headers.ContentType = new(contentType);
        }

        var response = await Http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response);
    }

    public static HttpClient Client(string socket) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellationToken);
            return new NetworkStream(connection, ownsSocket: true);
        },
    })
    { Timeout = TimeSpan.FromSeconds(30) };

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await server.DisposeAsync();
        if (store is not null)
        {
            await store.DisposeAsync();
        }

        folder.Delete(recursive: true);
    }

    private static async Task<TestEngine> StartAsync(
        SwarmNodeStatus status, ClusterStore? store, Func<EngineApiOptions, EngineApiOptions>? configure)
    {
        var folder = Directory.CreateTempSubdirectory("swarmnet-api-");
        var socket = Path.Combine(folder.FullName, "swarm.sock");
        var node = new FakeNode { Status = status, Store = store };
        var options = new EngineApiOptions
        {
            SocketPath = socket,
            Node = node,
            Loggers = new TestLogs(),
            Engine = new EngineInfo { Id = "TEST", Hostname = "node1", StateFolder = folder.FullName, RuntimeName = "crun", RuntimePath = "/usr/bin/crun" },
        };
        options = configure?.Invoke(options) ?? options;
        var server = await EngineApiServer.StartAsync(
            options,
            () => store is null ? ClusterAccess.Of(node) : new ClusterAccess(store, new ControlApi(store), status.NodeId),
            CancellationToken.None);
        return new TestEngine(server, folder, socket, node, store);
    }

    private static IEnumerable<JsonElement> All(string golden) => GoldenFile.Load(golden).Body.EnumerateArray();
}
