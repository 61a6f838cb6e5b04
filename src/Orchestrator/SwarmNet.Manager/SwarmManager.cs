using System.Net;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SwarmNet.Ca;
using SwarmNet.Manager.AtRest;
using SwarmNet.Manager.Control;
using SwarmNet.Manager.Logs;
using SwarmNet.Manager.Raft;
using SwarmNet.Manager.Scheduler;
using SwarmNet.Manager.Store;
using SwarmNet.Raft;

namespace SwarmNet.Manager;

/// <summary>
/// One manager of a swarm: store on Raft, the port that other nodes call, and, while it leads, the leader's services. Each of several managers
/// has the whole store; one leads.
/// </summary>
public sealed partial class SwarmManager : IAsyncDisposable
{
    private readonly SwarmManagerOptions _options;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly RaftNode _raft;
    private readonly ClusterFollower _follower;
    private readonly RaftConnections _connections;
    private readonly LeaderLink _link;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<bool> _statusChanges = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly Task _leadership;
    private ManagerIdentity _identity;
    private Task _peerChanges = Task.CompletedTask;
    private volatile ManagerEndpoint? _endpoint;

    private SwarmManager(
        SwarmManagerOptions options, ManagerIdentity identity, ClusterStore store, RaftNode raft, RaftConnections connections, NodeSecurity security, KeyFile keys)
    {
        _options = options;
        _identity = identity;
        _loggers = options.LoggerFactory ?? NullLoggerFactory.Instance;
        _logger = _loggers.CreateLogger<SwarmManager>();
        _raft = raft;
        _follower = new ClusterFollower(store, keys, security, new RaftSettings(raft), options.TimeProvider, _loggers.CreateLogger<ClusterFollower>());
        _connections = connections;
        _link = new LeaderLink(() => security.Certificate, options.TimeProvider);
        Store = store;
        Control = new ControlApi(store);
        Security = security;
        raft.StatusChanged += OnStatusChanged;
        LookAtLeadership();
        _leadership = Task.Run(FollowLeadershipAsync);
        if (!options.ForceNewCluster)
        {
            _peerChanges = Task.Run(FollowPeersAsync);
        }
    }

    /// <summary>The replicated store. It can be written on the leader only.</summary>
    public ClusterStore Store { get; }

    /// <summary>Validated writes, on the leader only.</summary>
    public ControlApi Control { get; }

    /// <summary>Id of the cluster object: the O of every certificate.</summary>
    public string ClusterId => Security.Certificate.Identity.ClusterId;

    /// <summary>Id of this manager's own node.</summary>
    public string NodeId => _identity.NodeId;

    /// <summary>This node's certificate.</summary>
    public NodeSecurity Security { get; }

    /// <summary>What this manager's keys are sealed with now, and what opens it again; null = it is not locked.</summary>
    public UnlockKey? UnlockKey => _follower.UnlockKey;

    /// <summary>Whether this manager leads, and its services run.</summary>
    public bool IsLeader => _services is not null;

    /// <summary>Output of tasks anywhere in the swarm; null on a manager that does not lead.</summary>
    public LogBroker? Logs => _endpoint?.Logs;

    /// <summary>The address that the port listens on; null before <see cref="ListenAsync"/>.</summary>
    public IPEndPoint? LocalEndPoint => _endpoint?.LocalEndPoint;

    /// <summary>Ends when the manager is disposed; faults when its log could not go on: dispose and open it again.</summary>
    public Task Completion => _raft.Completion;

    /// <summary>Whether the folder holds a manager's state.</summary>
    public static bool Exists(string stateDirectory) => File.Exists(ManagerIdentity.PathIn(stateDirectory));

    /// <summary>For a task that waits for a node: every node that was refused and the rule that refused it; empty otherwise, and when another manager leads.</summary>
    public IReadOnlyList<NodeRefusal> PlacementRefusals(string taskId) => _services?.Scheduler.RefusalsOf(taskId) ?? [];

    /// <summary>Opens the port. Throws <see cref="IOException"/> when the address is taken. Once only.</summary>
    public async Task ListenAsync(IPEndPoint listen, CancellationToken cancellationToken)
    {
        _endpoint = await ManagerEndpoint.StartAsync(
            new ManagerEndpointOptions
            {
                ListenEndPoint = listen,
                Store = Store,
                Certificate = () => Security.Certificate,
                Leader = _link,
                AcceptRaft = _connections.AcceptAsync,
                Api = _options.Api,
                Time = _options.TimeProvider,
                Loggers = _options.LoggerFactory,
            },
            cancellationToken);
        LookAtLeadership();
    }

    /// <summary>Hands the leadership over if it has it, and stops the leader's services, the store, Raft and the port.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        // Nothing is begun any more by the time that what is under way is cancelled.
        _raft.StatusChanged -= OnStatusChanged;
        _statusChanges.Writer.TryComplete();
        await _stopping.CancelAsync();
        await _leadership;
        await _peerChanges;
        await _follower.DisposeAsync();
        await HandOverAsync();
        await Store.DisposeAsync();
        await _raft.DisposeAsync();
        await _connections.DisposeAsync();
        _link.Dispose();
        if (_endpoint is { } endpoint)
        {
            await endpoint.DisposeAsync();
        }

        _stopping.Dispose();
    }

    private void OnStatusChanged(RaftStatus status) => LookAtLeadership();

    private void LookAtLeadership() => _statusChanges.Writer.TryWrite(true);
}
