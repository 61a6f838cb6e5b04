using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using SwarmNet.Agent.Executor;
using SwarmNet.Agent.Images;
using SwarmNet.Agent.Network;
using SwarmNet.Agent.Session;
using SwarmNet.Agent.Storage;
using SwarmNet.Agent.Tasks;
using SwarmNet.Ca;

namespace SwarmNet.Cli.Daemon;

/// <summary>The worker's half of a node in a swarm, which managers have too: everything, in the order in which it depends on each other.</summary>
internal sealed class Membership : IAsyncDisposable
{
    private readonly NodeNetwork _network;
    private readonly NodeGossip _gossip;
    private readonly TaskDatabase _database;
    private readonly Worker _worker;
    private readonly AgentSession _session;

    private Membership(
        MembershipFile file,
        NodeSecurity security,
        NodeNetwork network,
        NodeGossip gossip,
        OciExecutor executor,
        TaskDatabase database,
        Worker worker,
        AgentSession session)
    {
        (File, Security, Executor) = (file, security, executor);
        (_network, _gossip, _database, _worker, _session) = (network, gossip, database, worker, session);
    }

    public MembershipFile File { get; set; }

    public NodeSecurity Security { get; }

    public NodeNetwork Network => _network;

    public OciExecutor Executor { get; }

    public AgentSession Session => _session;

    /// <summary>Starts all parts. When one fails, those before it are stopped again.</summary>
    /// <param name="options">Folders.</param>
    /// <param name="file">Addresses.</param>
    /// <param name="security">The node's certificate.</param>
    /// <param name="managers">Managers to talk to, beside those known from before.</param>
    /// <param name="isJoining">Whether the first session decides over the join.</param>
    /// <param name="images">Images of this node.</param>
    /// <param name="loggers">Where the parts log.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<Membership> StartAsync(
        DaemonOptions options,
        MembershipFile file,
        NodeSecurity security,
        IReadOnlyList<string> managers,
        bool isJoining,
        ImageStore images,
        ILoggerFactory loggers,
        CancellationToken cancellationToken)
    {
        var started = new Stack<IAsyncDisposable>();
        T Own<T>(T part)
            where T : IAsyncDisposable
        {
            started.Push(part);
            return part;
        }

        try
        {
            var listen = file.ListenEndPoint;
            var advertise = IPEndPoint.Parse(file.AdvertiseAddr).Address;
            var network = Own(NewNetwork(options, IPAddress.Parse(file.LocalAddr), loggers));
            var gossip = Own(new NodeGossip(network, GossipAddress(listen.Address, advertise), advertise, loggers));
            var executor = Own(NewExecutor(options, images, network, loggers));
            var database = Own(OpenTasks(options));
            var worker = Own(new Worker(executor, database, logger: loggers.CreateLogger<Worker>())
            {
                SessionMessageHandler = async (message, token) =>
                {
                    await network.UseKeysAsync(message.NetworkBootstrapKeys, token).ConfigureAwait(false);
                    if (message.Node is not null)
                    {
                        await network.ConfigureAsync(message.Node, token).ConfigureAwait(false);
                    }

                    await gossip.ConfigureAsync(message, token).ConfigureAwait(false);
                },
            });
            await network.RemoveLeftoversAsync(database.Tasks.Keys.ToHashSet(StringComparer.Ordinal), cancellationToken).ConfigureAwait(false);
            await worker.StartAsync(cancellationToken).ConfigureAwait(false);
            var session = Own(AgentSession.Start(new AgentSessionOptions
            {
                StateDirectory = options.SwarmState,
                Security = security,
                Host = worker,
                Managers = managers,
                Logs = executor,
                IsJoining = isJoining,
                Loggers = loggers,
            }));
            worker.Reporter = session;
            return new Membership(file, security, network, gossip, executor, database, worker, session);
        }
        catch
        {
            while (started.TryPop(out var part))
            {
                await part.DisposeAsync().ConfigureAwait(false);
            }

            throw;
        }
    }

    /// <summary>
    /// Removes every task and all that the node's network made on a node that could not take its membership up: it is locked, or its state cannot be
    /// used, and an earlier daemon's containers run on.
    /// </summary>
    public static async Task WithdrawAsync(DaemonOptions options, ImageStore images, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        // Nothing is sent from here any more.
        await using var network = NewNetwork(options, IPAddress.Loopback, loggers);
        await using var executor = NewExecutor(options, images, network, loggers);
        await using var database = OpenTasks(options);
        await using var worker = new Worker(executor, database, logger: loggers.CreateLogger<Worker>());
        await network.RemoveLeftoversAsync(database.Tasks.Keys.ToHashSet(StringComparer.Ordinal), cancellationToken).ConfigureAwait(false);
        await worker.StartAsync(cancellationToken).ConfigureAwait(false);
        await worker.RemoveAllAsync(cancellationToken).ConfigureAwait(false);
        await network.ResetAsync(cancellationToken).ConfigureAwait(false);
    }

    private static NodeNetwork NewNetwork(DaemonOptions options, IPAddress tunnelAddress, ILoggerFactory loggers) => new(
        new NodeNetworkOptions
        {
            NamespaceDirectory = options.NamespaceFolder,
            MemoryDirectory = options.NetworkMemory,
            TunnelAddress = tunnelAddress,
            Balancer = options.Balancer,
        },
        loggers.CreateLogger<NodeNetwork>());

    private static OciExecutor NewExecutor(DaemonOptions options, ImageStore images, NodeNetwork network, ILoggerFactory loggers) => new(
        new OciExecutorOptions
        {
            StateFolder = options.State,
            RunFolder = options.Run,
            CgroupParent = options.CgroupParent,
            Hostname = options.Hostname,
        },
        images,
        network,
        logger: loggers.CreateLogger<OciExecutor>());

    private static TaskDatabase OpenTasks(DaemonOptions options) => TaskDatabase.Open(Path.Combine(options.State, "worker"));

    /// <summary>All of a swarm's nodes advertise addresses of one family: their tunnels could not meet otherwise.</summary>
    private static IPAddress GossipAddress(IPAddress listen, IPAddress advertise) =>
        listen.Equals(IPAddress.IPv6Any) && advertise.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : listen;

    /// <summary>Removes every task and all that the node's network made; the parts go on until disposed.</summary>
    public async Task WithdrawAsync(CancellationToken cancellationToken)
    {
        await _session.DisposeAsync().ConfigureAwait(false);
        await _worker.RemoveAllAsync(cancellationToken).ConfigureAwait(false);
        await _gossip.LeaveAsync(cancellationToken).ConfigureAwait(false);
        await _network.ResetAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops everything; containers and their networks go on.</summary>
    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync().ConfigureAwait(false);
        await _worker.DisposeAsync().ConfigureAwait(false);
        await _database.DisposeAsync().ConfigureAwait(false);
        await Executor.DisposeAsync().ConfigureAwait(false);
        await _gossip.DisposeAsync().ConfigureAwait(false);
        await _network.DisposeAsync().ConfigureAwait(false);
    }
}
