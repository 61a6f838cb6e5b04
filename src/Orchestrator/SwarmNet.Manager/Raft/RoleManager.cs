using Microsoft.Extensions.Logging;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;
using SwarmNet.Raft;

namespace SwarmNet.Manager.Raft;

/// <summary>The leader's loop over <see cref="RolePlan"/>: looks, and does what is next, until nothing is.</summary>
internal sealed partial class RoleManager(ClusterStore store, RaftNode raft, ulong self, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(250);

    // Raft asks who answered once per election timeout: one silent look in between says nothing.
    private const int SilentLooks = 8;

    private readonly Dictionary<ulong, int> _silentLooks = [];

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(s_period, time);
        try
        {
            do
            {
                try
                {
                    await LookAsync(cancellationToken);
                }
                catch (Exception failure) when (failure is RaftException or StoreException)
                {
                    // Lost, busy or in the way of another change: the next look sees what has become of it.
                    LogPutOff(logger, failure.Message);
                }
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var progress = await raft.GetProgressAsync(cancellationToken);
        foreach (var peer in progress)
        {
            _silentLooks[peer.NodeId] = peer.IsActive ? 0 : _silentLooks.GetValueOrDefault(peer.NodeId) + 1;
        }

        var membership = raft.Status.Membership;
        var plan = RolePlan.Next(
            store.View, membership, progress, self, id => id == self || (_silentLooks.TryGetValue(id, out var looks) && looks < SilentLooks));
        if (plan.Nodes.Count > 0)
        {
            await store.UpdateBatchAsync(plan.Nodes, Settle, cancellationToken);
        }

        if (plan.Changes.Count > 0)
        {
            LogChanges(logger, string.Join(", ", plan.Changes.Select(change => $"{change.Type} {change.NodeId:x}")), membership);
            await raft.ChangeMembershipAsync(plan.Changes, cancellationToken);
        }
        else if (plan.TransferTo != 0)
        {
            await raft.TransferLeadershipAsync(plan.TransferTo, cancellationToken);
        }
    }

    // What somebody has changed meanwhile waits for the next look.
    private static void Settle(StoreTransaction transaction, Node node)
    {
        if (transaction.View.Nodes.Get(node.Id) is { } current && current.Meta.Version.Equals(node.Meta.Version))
        {
            transaction.Update(node.Clone());
        }
    }

    [LoggerMessage(2010, LogLevel.Information, "The managers change: {Changes}; until now {Membership}.")]
    private static partial void LogChanges(ILogger logger, string changes, RaftMembership membership);

    [LoggerMessage(2011, LogLevel.Debug, "A change of the managers is put off: {Reason}")]
    private static partial void LogPutOff(ILogger logger, string reason);
}
