using Microsoft.Extensions.Logging;
using SwarmNet.Manager.Raft;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;
using SwarmNet.Raft;

namespace SwarmNet.Manager;

// Terms of leadership: what begins and ends with them.
public sealed partial class SwarmManager
{
    private static readonly TimeSpan s_termRetry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_handOver = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile LeaderServices? _services;
    private ulong _term;
    private bool _isServing;

    /// <summary>Follows Raft: one term of this manager's ends before another begins.</summary>
    private async Task FollowLeadershipAsync()
    {
        await foreach (var _ in _statusChanges.Reader.ReadAllAsync())
        {
            var status = _raft.Status;
            var leads = status.Role == RaftRole.Leader;
            if (_term != 0 && (!leads || status.Term != _term))
            {
                await EndTermAsync();
            }

            _link.Use(leads ? null : _connections.Peers.Find(status.LeaderId));
            if (leads)
            {
                await LeadAsync(status.Term);
            }
        }

        await EndTermAsync();
    }

    private async Task LeadAsync(ulong term)
    {
        try
        {
            if (_term == 0)
            {
                _term = term;
                await BeginTermAsync(term);
            }

            if (_endpoint is { } endpoint && !_isServing)
            {
                await endpoint.LeadAsync(_stopping.Token);
                _isServing = true;
            }

            // Who waits for a leader looks again.
            _link.Use(null);
            _begun.TrySetResult();
        }
        catch (Exception failure) when (failure is RaftException or StoreException or OperationCanceledException)
        {
            LogTermFailed(term, failure.Message);
            await EndTermAsync();
            _ = LookLaterAsync();
        }
    }

    private async Task BeginTermAsync(ulong term)
    {
        // Whatever was committed in earlier terms is in the store after this: the leader's first read needs an entry of its own term.
        await _raft.ReadIndexAsync(_stopping.Token);
        Store.Start(new RaftProposer(_raft, term));
        await Store.UpdateAsync(TakeOffice, _stopping.Token);
        _services = LeaderServices.Start(Store, _raft, _identity.RaftId, _options.TimeProvider, _loggers);
        LogLeads(NodeId, term);
        if (_options.ForceNewCluster && _peerChanges.IsCompleted)
        {
            _peerChanges = Task.Run(FollowPeersAsync);
        }
    }

    /// <summary>The store says who leads and where. The first leader after <c>--force-new-cluster</c> is the only manager.</summary>
    private void TakeOffice(StoreTransaction transaction)
    {
        foreach (var node in transaction.View.Nodes.All)
        {
            var changed = node.Clone();
            if (node.Id == NodeId)
            {
                changed.ManagerStatus = ClusterBootstrap.ManagerStatusOf(_options, _identity);
            }
            else if (_options.ForceNewCluster && !_begun.Task.IsCompleted)
            {
                changed.Spec.DesiredRole = NodeRole.Worker;
                changed.Role = NodeRole.Worker;
                changed.ManagerStatus = null;
            }
            else if (changed.ManagerStatus is { Leader: true })
            {
                changed.ManagerStatus.Leader = false;
            }

            if (!changed.Equals(node))
            {
                transaction.Update(changed);
            }
        }
    }

    private async Task EndTermAsync()
    {
        if (_term == 0)
        {
            return;
        }

        _term = 0;
        _isServing = false;
        var services = _services;
        _services = null;
        if (_endpoint is { } endpoint)
        {
            using var patience = new CancellationTokenSource(s_handOver);
            try
            {
                await endpoint.FollowAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                // Streams that do not end are cut off with their connections.
            }
        }

        if (services is not null)
        {
            await services.DisposeAsync();
        }

        await Store.StopAsync();
    }

    private async Task LookLaterAsync()
    {
        await Task.Delay(s_termRetry, _options.TimeProvider);
        LookAtLeadership();
    }

    /// <summary>A leader that stops lets another one lead at once, instead of being missed.</summary>
    private async Task HandOverAsync()
    {
        using var patience = new CancellationTokenSource(s_handOver);
        try
        {
            var next = (await _raft.GetProgressAsync(patience.Token))
                .Where(peer => peer.NodeId != _identity.RaftId && peer is { IsActive: true, IsLearner: false })
                .OrderByDescending(peer => peer.MatchIndex)
                .Select(peer => peer.NodeId)
                .FirstOrDefault();
            if (next != 0)
            {
                await _raft.TransferLeadershipAsync(next, patience.Token);
            }
        }
        catch (Exception failure) when (failure is RaftException or OperationCanceledException)
        {
            // The others elect one when they miss this one.
        }
    }

    [LoggerMessage(2000, LogLevel.Information, "Node {NodeId} leads the swarm in term {Term}.")]
    private partial void LogLeads(string nodeId, ulong term);

    [LoggerMessage(2002, LogLevel.Warning, "The leader's services did not start in term {Term}: {Reason}")]
    private partial void LogTermFailed(ulong term, string reason);
}
