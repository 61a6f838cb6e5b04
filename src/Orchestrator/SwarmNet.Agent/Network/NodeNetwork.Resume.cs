using System.Net;
using Microsoft.Extensions.Logging;
using SwarmNet.Agent.Tasks;
using SwarmNet.Linux;
using NetworkMessage = SwarmNet.Protocol.Network;

namespace SwarmNet.Agent.Network;

// A restarted daemon goes on with what the earlier one had in force until its tasks are taken up and the shared tables are here again: what the kernel has is
// right until somebody says otherwise. Callers hold the gate unless it says so.
public sealed partial class NodeNetwork
{
    private readonly NetworkMemory _memory;
    private readonly RefreshLoop _saving;
    private readonly HashSet<string> _notTakenUp = new(StringComparer.Ordinal);
    private volatile bool _isResuming;

    /// <summary>Whether this start goes on with networks of an earlier one. Settled by <see cref="RemoveLeftoversAsync"/>.</summary>
    internal bool IsResuming => _isResuming;

    /// <summary>Where members of the gossip pool were when an earlier start last knew.</summary>
    internal IReadOnlyList<IPEndPoint> RememberedMembers { get; private set; } = [];

    /// <summary>Whether every task of the earlier start runs again under this one, or is gone. Takes the gate.</summary>
    internal async Task<bool> AreTasksTakenUpAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _notTakenUp.Count == 0;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The shared tables are complete: of the other nodes only what they say counts. Takes the gate.</summary>
    internal async Task ForgetForeignAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var network in _networks.Values.Where(n => n.Remembered is not null))
            {
                network.Remembered!.ForgetForeign();
                _refresh.Request(network.Parameters.Id);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>From now on only this start's own knowledge counts; networks that nobody needed again go. Takes the gate.</summary>
    internal async Task EndResumeAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _isResuming = false;
            _notTakenUp.Clear();
            foreach (var network in _networks.Values.ToList())
            {
                network.Remembered = null;
                network.Users.Remove(OverlayState.ResumeUser);
                ReleaseNetwork(network);
                _refresh.Request(network.Parameters.Id);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Notes where the pool's members are, for the next start. Needs no gate.</summary>
    internal void RememberMembers(IReadOnlyList<IPEndPoint> members) =>
        _memory.Save(new RememberedNode { Generation = _generation, DataPort = _dataPort, Members = [.. members.Select(m => m.ToString())] });

    private ulong NextGeneration()
    {
        var node = _memory.Node;
        RememberedMembers = [.. node.Members.Select(m => IPEndPoint.TryParse(m, out var member) ? member : null).OfType<IPEndPoint>()];
        _dataPort = node.DataPort;
        var generation = Math.Max((ulong)_time.GetUtcNow().ToUnixTimeMilliseconds(), node.Generation + 1);
        _memory.Save(node with { Generation = generation });
        return generation;
    }

    private void RestoreNetworks(IReadOnlySet<string> taskIds)
    {
        foreach (var remembered in _memory.Networks)
        {
            var message = NetworkMessage.Parser.ParseFrom(remembered.Network);
            if (!File.Exists(NetworkPath(message.Id)))
            {
                _memory.Forget(message.Id);
                continue;
            }

            try
            {
                AcquireNetwork(message, OverlayState.ResumeUser, new Remembrance(remembered));
                _isResuming = true;
            }
            catch (Exception e) when (e is LinuxException or Netlink.NetlinkException or Overlay.OverlayException or TaskException or IOException)
            {
                // Whoever needs it says what is wrong with it.
                LogNotRestored(message.Id, e.Message);
            }
        }

        if (_isResuming)
        {
            _notTakenUp.UnionWith(taskIds.Where(id => File.Exists(SandboxPath(id))));
            foreach (var remembered in _networks.Values.Select(n => n.Remembered).OfType<Remembrance>())
            {
                foreach (var task in remembered.Tasks.Values.Where(t => !_notTakenUp.Contains(t)).ToList())
                {
                    remembered.Forget(task);
                }
            }
        }
    }

    private async Task SaveAsync(string networkId, CancellationToken cancellationToken)
    {
        RememberedNetwork? remembered = null;
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_networks.TryGetValue(networkId, out var network))
            {
                remembered = Remember(network);
            }
            else
            {
                _memory.Forget(networkId);
            }
        }
        finally
        {
            _gate.Release();
        }

        if (remembered is not null)
        {
            _memory.Save(networkId, remembered);
        }
    }

    private RememberedNetwork Remember(OverlayState network)
    {
        var tasks = _sandboxes.Values.SelectMany(s => s.Endpoints.Where(e => e.NetworkId == network.Parameters.Id).Select(e => (e.Id, s.TaskId))).ToDictionary();
        foreach (var (key, task) in network.Remembered?.Tasks ?? [])
        {
            tasks.TryAdd(key, task);
        }

        return new RememberedNetwork
        {
            Network = network.Message,
            Peers = PeersOf(network).DistinctBy(p => p.Key).ToDictionary(p => p.Key, EndpointRecords.ToBytes),
            Endpoints = EndpointsOf(network).DistinctBy(e => e.Id).ToDictionary(e => e.Id, EndpointRecords.ToBytes),
            Tasks = tasks,
        };
    }

    private void TakenUp(string taskId)
    {
        if (_notTakenUp.Remove(taskId))
        {
            foreach (var network in _networks.Values.Where(n => n.Remembered is not null))
            {
                network.Remembered!.Forget(taskId);
                _refresh.Request(network.Parameters.Id);
            }
        }
    }

    [LoggerMessage(3004, LogLevel.Warning, "Network {NetworkId} of before the restart is not taken up: {Reason}")]
    private partial void LogNotRestored(string networkId, string reason);
}
