using Microsoft.AspNetCore.Http;
using SwarmNet.Grpc;
using SwarmNet.Manager.Control;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;
using SwarmNet.Raft;

namespace SwarmNet.Manager;

// What the Engine API of a manager asks: may I read, who writes.
public sealed partial class SwarmManager
{
    /// <summary>Whether this manager knows of a leader, itself or another.</summary>
    public bool HasLeader => _raft.Status.LeaderId != 0;

    /// <summary>Why there is no leader, and what to do; empty when there is one.</summary>
    public string LeaderProblem => HasLeader ? "" : $"rpc error: code = Unknown desc = {NoLeader().Message}";

    /// <summary>While this manager's disk is full: the sentence that says so; empty otherwise. Its store stands still then.</summary>
    public string DiskProblem => _raft.DiskProblem ?? "";

    /// <summary>
    /// Returns when <see cref="Store"/> has everything that was acknowledged, by whichever manager, before the call. Throws
    /// <see cref="ControlException"/> when no leader with a majority answers.
    /// </summary>
    public async Task ConfirmReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _raft.ReadIndexAsync(cancellationToken);
        }
        catch (RaftException)
        {
            throw NoLeader();
        }
    }

    /// <summary>
    /// Passes a request to the Engine API on to the leader and the answer back. False when this manager leads: answer it here. Throws
    /// <see cref="ControlException"/> when there is no leader, or it is lost on the way.
    /// </summary>
    public async Task<bool> TryForwardApiAsync(HttpContext http)
    {
        var started = _options.TimeProvider.GetTimestamp();
        while (true)
        {
            var changed = _link.Changed;
            if (IsLeader)
            {
                return false;
            }

            try
            {
                if (await _link.TryForwardAsync(http, ManagerEndpoint.ApiPath + http.Request.Path + http.Request.QueryString, caller: null))
                {
                    return true;
                }
            }
            catch (Exception failure) when (failure is HttpRequestException or IOException && !http.Response.HasStarted)
            {
                throw new ControlException(
                    StatusCode.Unknown, $"the leader was lost while it had the request, and may have done it: look before you repeat it ({failure.Message})");
            }

            if (!await _link.IsChangedAsync(changed, started, http.RequestAborted))
            {
                throw NoLeader();
            }
        }
    }

    /// <summary>
    /// As <see cref="ConfirmReadAsync"/>; true when the leader has answered, as this manager's own store stands still while its disk is full.
    /// </summary>
    public async Task<bool> TryForwardReadAsync(HttpContext http)
    {
        while (true)
        {
            if (_raft.DiskProblem is not null && await TryForwardApiAsync(http))
            {
                return true;
            }

            try
            {
                await ConfirmReadAsync(http.RequestAborted);
                return false;
            }
            catch (ControlException) when (_raft.DiskProblem is not null && !IsLeader)
            {
                // It became full, or lost the leadership for that, while the read waited.
            }
        }
    }

    /// <summary>Docker's sentence, and what it leaves open: which managers are missing, and what to do.</summary>
    private ControlException NoLeader()
    {
        var others = _connections.Peers.All.Where(peer => peer.RaftId != _identity.RaftId).ToList();
        var missing = others.Where(peer => !_connections.Transport.IsConnected(peer.RaftId)).ToList();
        if (missing.Count == 0)
        {
            return new ControlException(StatusCode.Unknown, StoreException.NotLeader().Message);
        }

        var names = missing.Select(peer => $"{Store.View.Nodes.Get(peer.NodeId)?.Description?.Hostname ?? peer.NodeId} ({peer.Addr})");
        return new ControlException(
            StatusCode.Unknown,
            $"{StoreException.NotLeader().Message} This manager cannot reach {missing.Count} of the {others.Count + 1}: {string.Join(", ", names)}. "
            + "Start them again; if they are lost for good, run \"swarm init --force-new-cluster\" here.");
    }
}
