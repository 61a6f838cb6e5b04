using Microsoft.Extensions.Logging;
using SwarmNet.Ca;
using SwarmNet.Grpc;
using SwarmNet.Manager.Raft;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager;

// The other managers: finding them, becoming one of them.
public sealed partial class SwarmManager
{
    private static readonly TimeSpan s_askPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_maxAskPause = TimeSpan.FromSeconds(5);
    private static readonly CallOptions s_askPatience = new(TimeSpan.FromSeconds(10));

    /// <summary>
    /// Returns when this manager is a member with a vote and the others have its address: at once when nothing has changed since it last ran.
    /// Listen before: the leader calls back. Throws <see cref="RpcException"/> with the sentence of the leader that refuses a newcomer.
    /// </summary>
    /// <param name="managers">Addresses to ask, beside those of managers that it knows.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task JoinAsync(IReadOnlyList<string> managers, CancellationToken cancellationToken) => AskUntilMemberAsync(managers, isStruckOff: false, cancellationToken);

    /// <summary>As <see cref="JoinAsync"/>, of a manager that <see cref="IsStruckOff"/>: its own store may not know that, and never will by itself.</summary>
    public Task JoinAgainAsync(IReadOnlyList<string> managers, CancellationToken cancellationToken) => AskUntilMemberAsync(managers, isStruckOff: true, cancellationToken);

    private async Task AskUntilMemberAsync(IReadOnlyList<string> managers, bool isStruckOff, CancellationToken cancellationToken)
    {
        var pause = s_askPause;
        var isAccepted = false;
        while ((isStruckOff && !isAccepted) || !IsMember)
        {
            if (!IsLeader && !isAccepted)
            {
                isAccepted = await AskAsync(managers, cancellationToken);
                pause = isAccepted || pause >= s_maxAskPause ? pause : 2 * pause;
            }

            await Task.Delay(isAccepted ? s_askPause : pause, _options.TimeProvider, cancellationToken);
        }
    }

    /// <summary>
    /// Whether the others want a manager on this node, but do not have this one: the node was demoted and promoted again before it had followed.
    /// </summary>
    /// <param name="node">This node as the leader has it.</param>
    public bool IsStruckOff(Node node) =>
        node.Id == NodeId
        && node is { Role: NodeRole.Manager, Spec.DesiredRole: NodeRole.Manager }
        && (node.ManagerStatus?.RaftId ?? 0) != _identity.RaftId;

    private bool IsMember =>
        _raft.Status.Membership.Voters.Contains(_identity.RaftId)
        && Store.View.Nodes.Get(NodeId)?.ManagerStatus is { } status
        && status.RaftId == _identity.RaftId
        && status.Addr == _options.AdvertiseAddr;

    /// <summary>Asks one manager after the other; false when none could answer.</summary>
    private async Task<bool> AskAsync(IReadOnlyList<string> managers, CancellationToken cancellationToken)
    {
        var own = Security.Certificate;
        foreach (var address in _connections.Peers.All.Where(peer => peer.NodeId != NodeId).Select(peer => peer.Addr).Concat(managers).Distinct())
        {
            try
            {
                using var channel = SwarmTls.Channel(address, SwarmRoles.Manager, own.Root, own);
                var request = new RaftJoinRequest { Addr = _options.AdvertiseAddr, RaftId = _identity.RaftId };
                var response = await channel.UnaryAsync(SwarmKitMethods.RaftJoin, request, s_askPatience, cancellationToken);
                _connections.Peers.Replace(response.Members.Select(member => new RaftPeer(member.RaftId, member.NodeId, member.Addr)));
                SavePeers();
                LookAtLeadership();
                return true;
            }
            catch (RpcException failure) when (failure.Status.Code is not StatusCode.FailedPrecondition and not StatusCode.InvalidArgument)
            {
                LogNotAsked(address, failure.Message);
            }
        }

        return false;
    }

    /// <summary>Keeps the addresses of the others as the store has them, here and in the file that is read before the store is.</summary>
    private async Task FollowPeersAsync()
    {
        using var watcher = Store.Watch(change => change.Kind == StoreEventKind.Resync || change.Subject is Node);
        try
        {
            await TakePeersAsync();
            while (await watcher.Events.WaitToReadAsync(_stopping.Token))
            {
                while (watcher.Events.TryRead(out _))
                {
                }

                await TakePeersAsync();
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task TakePeersAsync()
    {
        var before = _connections.Peers.All;
        if (!_connections.Peers.Update(Store.View))
        {
            return;
        }

        foreach (var gone in before.Except(_connections.Peers.All))
        {
            await _connections.DisconnectAsync(gone.RaftId);
        }

        SavePeers();
        LookAtLeadership();
    }

    private void SavePeers()
    {
        try
        {
            _identity = _identity with { Peers = [.. _connections.Peers.All] };
            _identity.Save(_options.StateDirectory);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The store has them; the file is for a start without one.
            LogPeersNotSaved(failure.Message);
        }
    }

    [LoggerMessage(2003, LogLevel.Information, "The manager at {Address} could not take this one in: {Reason}")]
    private partial void LogNotAsked(string address, string reason);

    [LoggerMessage(2004, LogLevel.Warning, "The list of managers could not be saved: {Reason}")]
    private partial void LogPeersNotSaved(string reason);
}
