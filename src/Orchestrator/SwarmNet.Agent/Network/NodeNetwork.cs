using System.Net;
using Microsoft.Extensions.Logging;
using SwarmNet.Agent.Tasks;
using SwarmNet.Dns;
using SwarmNet.Linux;
using SwarmNet.Overlay;
using SwarmNet.Overlay.Gateway;
using SwarmNet.Overlay.Mesh;
using SwarmNet.Overlay.Repairs;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Network;

/// <summary>
/// The network of one node: overlay networks that its tasks need, a sandbox per task, the routing mesh, and the announcements that let other
/// nodes do the same. One operation at a time; changes in the shared tables are applied in the background, whole networks at a time, by level.
/// </summary>
public sealed partial class NodeNetwork : INodeNetwork, IAsyncDisposable
{
    /// <summary>Where tasks ask for names.</summary>
    private static readonly IPAddress _resolver = new([127, 0, 0, 11]);

    private readonly NodeNetworkOptions _options;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Dictionary<string, OverlayState> _networks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SandboxState> _sandboxes = new(StringComparer.Ordinal);
    private readonly ulong _generation;
    private ushort _dataPort;
    private readonly TimeProvider _time;
    private readonly DnsServer _dns;
    private readonly RefreshLoop _refresh;
    private IEndpointTables? _tables;
    private HostGateway? _gateway;
    private RoutingMesh? _mesh;

    /// <summary>Prepares the folder of namespaces; nothing else is made before it is needed.</summary>
    public NodeNetwork(NodeNetworkOptions options, ILogger<NodeNetwork> logger, TimeProvider? time = null)
    {
        _options = options;
        _logger = logger;
        _time = time ?? TimeProvider.System;
        Directory.CreateDirectory(options.NamespaceDirectory);
        RemoveDeadPins(options.NamespaceDirectory);
        _dns = DnsServer.Start();
        _memory = new NetworkMemory(options.MemoryDirectory);
        _generation = NextGeneration();
        // A burst of announcements becomes one refresh.
        _refresh = new RefreshLoop(RefreshAsync, TimeSpan.FromMilliseconds(10), logger);
        _reconciler = new Reconciler(ReconcileAsync, options.ReconcilePeriod, options.ReconcileJitter, _time, Random.Shared.Next());
        _reconciler.Failed += LogReconcileFailed;
        _reconciler.Start();
        _saving = new RefreshLoop(SaveAsync, TimeSpan.FromMilliseconds(200), logger);
    }

    /// <inheritdoc/>
    public async Task<TaskSandbox> CreateSandboxAsync(SwarmTask task, string containerId, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_sandboxes.TryGetValue(task.Id, out var existing))
            {
                return existing.Result;
            }

            var sandbox = BuildSandbox(task, containerId);
            _sandboxes.Add(task.Id, sandbox);
            return sandbox.Result;
        }
        catch (Exception e) when (e is LinuxException or Netlink.NetlinkException or Overlay.OverlayException or IOException)
        {
            LogSandboxFailed(task.Id, e);
            throw new TaskException($"network sandbox: {e.Message}", inner: e);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public Task EnableServiceAsync(string taskId, CancellationToken cancellationToken) =>
        ChangeServiceAsync(taskId, static endpoint => endpoint.IsEnabled = true, cancellationToken);

    /// <inheritdoc/>
    public Task DisableServiceAsync(string taskId, CancellationToken cancellationToken) =>
        ChangeServiceAsync(taskId, static endpoint => endpoint.IsDisabled = true, cancellationToken);

    /// <inheritdoc/>
    public async Task RemoveSandboxAsync(string taskId, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_sandboxes.Remove(taskId, out var sandbox))
            {
                Demolish(sandbox);
            }
            else
            {
                RemoveUnadopted(taskId);
            }

            TakenUp(taskId);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>
    /// Removes sandboxes that no task of <paramref name="taskIds"/> needs, and networks without a sandbox: what a killed daemon left behind; goes on with the
    /// networks that are left. Call it once, before the first task is taken up.
    /// </summary>
    public async Task RemoveLeftoversAsync(IReadOnlySet<string> taskIds, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var path in Directory.GetFiles(_options.NamespaceDirectory, SandboxPrefix + "*"))
            {
                if (!taskIds.Contains(Path.GetFileName(path)[SandboxPrefix.Length..]))
                {
                    EndpointNamespace.Delete(path);
                }
            }

            RemoveUnusedNetworks();
            RestoreNetworks(taskIds);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>This node's object: its own addresses on the networks, the ingress network's among them.</summary>
    public async Task ConfigureAsync(Node node, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // The same on all nodes for the life of the swarm; not set in those of before the option.
            if (node.VxlanUdpPort is > 0 and <= ushort.MaxValue && _dataPort != node.VxlanUdpPort)
            {
                _dataPort = (ushort)node.VxlanUdpPort;
                _memory.Save(_memory.Node with { DataPort = _dataPort });
            }

            var ingress = node.Attachments.FirstOrDefault(a => a.Network?.Spec?.Ingress == true);
            if (ingress is not null)
            {
                JoinIngress(ingress);
            }
        }
        catch (Exception e) when (e is LinuxException or Netlink.NetlinkException or Overlay.OverlayException or TaskException or IOException)
        {
            LogIngressFailed(e);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The shared tables are reachable: announce what this node has, and hear of the others.</summary>
    internal async Task UseTablesAsync(IEndpointTables tables, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _tables = tables;
            tables.Changed += _refresh.Request;
            foreach (var network in _networks.Values)
            {
                tables.Join(network.Parameters.Id);
                foreach (var endpoint in network.Local.Values)
                {
                    Announce(network, endpoint);
                }

                _refresh.Request(network.Parameters.Id);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Removes everything that this node's network made: the node leaves its swarm.</summary>
    public async Task ResetAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var sandbox in _sandboxes.Values.ToList())
            {
                Demolish(sandbox);
            }

            _sandboxes.Clear();
            Mesh().Delete();
            Mesh().Dispose();
            _mesh = null;
            _hostPorts.Clear();
            _proxy.SetPorts([]);
            foreach (var network in _networks.Values.ToList())
            {
                network.Users.Clear();
                ReleaseNetwork(network);
            }

            // Also when this start of the daemon has not used it: an earlier one may have.
            Gateway().Delete();
            _gateway = null;
            Encryption().Delete();
            Encryption().Dispose();
            _encryption = null;
            _newestKey = 0;
            foreach (var path in Directory.GetFiles(_options.NamespaceDirectory))
            {
                NetworkNamespace.Delete(path);
            }

            _notTakenUp.Clear();
            _memory.Clear();
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Lets go of everything and removes nothing: what runs goes on.</summary>
    public async ValueTask DisposeAsync()
    {
        await _reconciler.DisposeAsync().ConfigureAwait(false);
        if (_hostWatch is { } watch)
        {
            await watch.DisposeAsync().ConfigureAwait(false);
        }

        await _refresh.DisposeAsync().ConfigureAwait(false);
        await _saving.DisposeAsync().ConfigureAwait(false);
        _dns.Dispose();
        foreach (var sandbox in _sandboxes.Values)
        {
            sandbox.Dispose();
        }

        await _proxy.DisposeAsync().ConfigureAwait(false);
        _mesh?.Dispose();
        _encryption?.Dispose();
        foreach (var network in _networks.Values)
        {
            network.Overlay.Dispose();
        }

        _gate.Dispose();
    }

    private async Task ChangeServiceAsync(string taskId, Action<LocalEndpoint> change, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!_sandboxes.TryGetValue(taskId, out var sandbox))
            {
                return;
            }

            foreach (var endpoint in sandbox.Endpoints)
            {
                change(endpoint);
                var network = _networks[endpoint.NetworkId];
                Announce(network, endpoint);
                // Many tasks start or stop together: their networks are brought up to date once, a moment later.
                _refresh.Request(endpoint.NetworkId);
            }

            TakenUp(taskId);
        }
        finally
        {
            _gate.Release();
        }
    }

    [LoggerMessage(3000, LogLevel.Error, "Sandbox of task {TaskId} cannot be built")]
    private partial void LogSandboxFailed(string taskId, Exception error);

    [LoggerMessage(3001, LogLevel.Error, "The ingress network cannot be joined; published ports do not answer on this node")]
    private partial void LogIngressFailed(Exception error);

}
