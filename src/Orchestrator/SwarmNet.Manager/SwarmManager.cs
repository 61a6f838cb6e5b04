using System.Security.Cryptography;
using System.Threading.Channels;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SwarmNet.Ca;
using SwarmNet.Manager.Control;
using SwarmNet.Manager.Scheduler;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;
using SwarmNet.Raft;

namespace SwarmNet.Manager;

/// <summary>
/// One manager of a swarm: store on Raft, leader services, and what the Engine API and the gRPC services need of them. The gRPC services
/// themselves are a <c>ManagerEndpoint</c> on <see cref="Store"/>.
/// </summary>
public sealed partial class SwarmManager : IAsyncDisposable
{
    private readonly SwarmManagerOptions _options;
    private readonly ManagerIdentity _identity;
    private readonly ILoggerFactory _loggers;
    private readonly RaftNode _raft;
    private readonly Channel<bool> _statusChanges = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly Task _leadership;
    private volatile LeaderServices? _services;

    private SwarmManager(SwarmManagerOptions options, ManagerIdentity identity, ClusterStore store, RaftNode raft, NodeCertificate certificate)
    {
        _options = options;
        _identity = identity;
        _loggers = options.LoggerFactory ?? NullLoggerFactory.Instance;
        _raft = raft;
        Store = store;
        Control = new ControlApi(store);
        Certificate = certificate;
        ClusterId = store.View.Cluster!.Id;
        raft.StatusChanged += OnStatusChanged;
        _statusChanges.Writer.TryWrite(true);
        _leadership = Task.Run(FollowLeadershipAsync);
    }

    /// <summary>The replicated store.</summary>
    public ClusterStore Store { get; }

    /// <summary>Validated writes.</summary>
    public ControlApi Control { get; }

    /// <summary>Id of the cluster object: the O of every certificate.</summary>
    public string ClusterId { get; }

    /// <summary>Id of this manager's own node.</summary>
    public string NodeId => _identity.NodeId;

    /// <summary>This node's certificate as it was when the manager was opened; later ones are in the certificate files.</summary>
    public NodeCertificate Certificate { get; }

    /// <summary>Whether this manager leads.</summary>
    public bool IsLeader => _raft.Status.Role == RaftRole.Leader;

    /// <summary>Ends when the manager is disposed; faults when its log could not go on: dispose and open it again.</summary>
    public Task Completion => _raft.Completion;

    /// <summary>Whether the folder holds a manager's state.</summary>
    public static bool Exists(string stateDirectory) => File.Exists(ManagerIdentity.PathIn(stateDirectory));

    /// <summary>For a task that waits for a node: every node that was refused and the rule that refused it; empty otherwise.</summary>
    public IReadOnlyList<NodeRefusal> PlacementRefusals(string taskId) => _services?.Scheduler.RefusalsOf(taskId) ?? [];

    /// <summary>Stops the leader services, the store and Raft.</summary>
    public async ValueTask DisposeAsync()
    {
        _raft.StatusChanged -= OnStatusChanged;
        _statusChanges.Writer.TryComplete();
        await _leadership;
        await Store.DisposeAsync();
        await _raft.DisposeAsync();
    }

    private void OnStatusChanged(RaftStatus status) => _statusChanges.Writer.TryWrite(true);

    /// <summary>Starts the leader services when this node begins to lead, stops them when it no longer does.</summary>
    private async Task FollowLeadershipAsync()
    {
        await foreach (var _ in _statusChanges.Reader.ReadAllAsync())
        {
            if (IsLeader && _services is null)
            {
                LogLeads(_loggers.CreateLogger<SwarmManager>(), NodeId, _raft.Status.Term);
                _services = LeaderServices.Start(Store, _options.TimeProvider, _loggers);
            }
            else if (!IsLeader)
            {
                await StopServicesAsync();
            }
        }

        await StopServicesAsync();
    }

    private async Task StopServicesAsync()
    {
        var services = _services;
        _services = null;
        if (services is not null)
        {
            await services.DisposeAsync();
        }
    }

    [LoggerMessage(2000, LogLevel.Information, "Node {NodeId} leads the swarm in term {Term}.")]
    private static partial void LogLeads(ILogger logger, string nodeId, ulong term);
}
