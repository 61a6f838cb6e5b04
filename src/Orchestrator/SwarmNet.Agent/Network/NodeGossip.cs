using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Logging;
using SwarmNet.Gossip;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Network;

/// <summary>
/// This node's place in the gossip pool: starts with the first keys that a manager sends, follows rotations, joins through the managers. The node network
/// announces and hears through it.
/// </summary>
/// <param name="network">Uses the tables.</param>
/// <param name="bind">Address to listen on.</param>
/// <param name="advertise">Address that others reach this node at.</param>
/// <param name="loggers">Where it logs.</param>
public sealed partial class NodeGossip(NodeNetwork network, IPAddress bind, IPAddress advertise, ILoggerFactory loggers) : IAsyncDisposable
{
    private const string Subsystem = "networking:gossip";

    /// <summary>After a restart: how long what was before counts while others, or own tasks, do not answer.</summary>
    private static readonly TimeSpan _resumePatience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan _resumePoll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _membersPoll = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger = loggers.CreateLogger<NodeGossip>();
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private GossipNode? _node;
    private GossipTables? _tables;
    private ulong _newestKey;
    private HashSet<IPEndPoint> _seeds = [];
    private Task _joining = Task.CompletedTask;
    private Task? _following;

    /// <summary>Takes what a session message says of keys and managers.</summary>
    public async Task ConfigureAsync(SessionMessage message, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var inOrder = BootstrapKeys.InOrderOfUse(message.NetworkBootstrapKeys, Subsystem);
            if (inOrder.Count == 0)
            {
                return;
            }

            List<byte[]> keys = [.. inOrder.Select(k => k.Key.ToByteArray())];
            var newest = inOrder.Max(k => k.LamportTime);
            if (_node is null)
            {
                await StartAsync(keys, cancellationToken).ConfigureAwait(false);
            }
            else if (newest > _newestKey)
            {
                _node.SetKeys(keys);
            }

            _newestKey = newest;
            Join(message.Managers);
            _following ??= FollowAsync(_node!, _tables!);
        }
        catch (GossipException e)
        {
            LogNotStarted(e.Message);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Says goodbye, so that others do not wait for this node to be suspected.</summary>
    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        if (_node is not null)
        {
            await _node.LeaveAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Stops without a goodbye.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _joining.ConfigureAwait(false);
        await (_following ?? Task.CompletedTask).ConfigureAwait(false);
        if (_tables is not null)
        {
            await _tables.DisposeAsync().ConfigureAwait(false);
        }

        if (_node is not null)
        {
            await _node.DisposeAsync().ConfigureAwait(false);
        }

        _stop.Dispose();
        _gate.Dispose();
    }

    private async Task StartAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken)
    {
        _node = await GossipNode.StartAsync(
            new GossipOptions
            {
                NodeName = GossipNode.NewNodeName(),
                BindAddress = bind,
                AdvertiseAddress = advertise,
                Keys = keys,
                IsResuming = network.IsResuming,
                Logger = loggers.CreateLogger<GossipNode>(),
            },
            cancellationToken).ConfigureAwait(false);
        _tables = new GossipTables(_node, _logger);
        await network.UseTablesAsync(_tables, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends the resumption of a restart when all is known again, and from then on notes for the next one where the others are.</summary>
    private async Task FollowAsync(GossipNode node, GossipTables tables)
    {
        try
        {
            var limit = Stopwatch.StartNew();
            if (network.IsResuming)
            {
                // Where nobody can be reached there is nothing better than what is remembered, for a while.
                while (limit.Elapsed < _resumePatience && !(_joining.IsCompleted && IsAnybodyThere(node) && await HasHeardAllAsync(node, tables).ConfigureAwait(false)))
                {
                    await Task.Delay(_resumePoll, _stop.Token).ConfigureAwait(false);
                }

                await network.ForgetForeignAsync(_stop.Token).ConfigureAwait(false);
                while (limit.Elapsed < _resumePatience && !await network.AreTasksTakenUpAsync(_stop.Token).ConfigureAwait(false))
                {
                    await Task.Delay(_resumePoll, _stop.Token).ConfigureAwait(false);
                }

                await network.EndResumeAsync(_stop.Token).ConfigureAwait(false);
                await tables.FlushAsync().WaitAsync(_stop.Token).ConfigureAwait(false);
                await node.EndResumeAsync(_stop.Token).ConfigureAwait(false);
                LogResumed(limit.ElapsedMilliseconds);
            }

            var known = new HashSet<IPEndPoint>();
            while (true)
            {
                var members = OthersOf(node).ToHashSet();
                if (!members.SetEquals(known) && members.Count > 0)
                {
                    network.RememberMembers([.. members]);
                    known = members;
                }

                await Task.Delay(_membersPoll, _stop.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or GossipException)
        {
            // Stopping.
        }
    }

    private bool IsAnybodyThere(GossipNode node) => _seeds.Count == 0 || OthersOf(node).Any();

    private async Task<bool> HasHeardAllAsync(GossipNode node, GossipTables tables)
    {
        await tables.FlushAsync().WaitAsync(_stop.Token).ConfigureAwait(false);
        return await node.IsSyncedAsync(_stop.Token).ConfigureAwait(false);
    }

    private static IEnumerable<IPEndPoint> OthersOf(GossipNode node) =>
        node.Members.Where(m => m.Name != node.NodeName && m.State == MemberState.Alive).Select(m => m.EndPoint).Where(e => !e.Equals(node.EndPoint));

    private void Join(IEnumerable<WeightedPeer> managers)
    {
        var seeds = managers
            .Select(m => IPEndPoint.TryParse(m.Peer?.Addr ?? "", out var manager) ? new IPEndPoint(manager.Address, GossipOptions.DefaultPort) : null)
            .OfType<IPEndPoint>()
            // The only manager of a swarm has nobody else to ask.
            .Concat(network.IsResuming ? network.RememberedMembers : [])
            .Where(s => !s.Address.Equals(advertise))
            .ToHashSet();
        if (seeds.Count == 0 || seeds.SetEquals(_seeds))
        {
            return;
        }

        _seeds = seeds;
        _joining = JoinAsync([.. seeds]);
    }

    private async Task JoinAsync(IReadOnlyList<IPEndPoint> seeds)
    {
        try
        {
            await _node!.JoinAsync(seeds, _stop.Token).ConfigureAwait(false);
        }
        catch (GossipException e)
        {
            // The node remembers them and tries again.
            LogNotJoined(e.Message);
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    [LoggerMessage(3030, LogLevel.Error, "Gossip does not run; tasks on other nodes cannot be reached: {Reason}")]
    private partial void LogNotStarted(string reason);

    [LoggerMessage(3032, LogLevel.Information, "The network goes on as before the restart; {Milliseconds} ms after gossip began all is known again")]
    private partial void LogResumed(long milliseconds);

    [LoggerMessage(3031, LogLevel.Warning, "No manager answered gossip yet: {Reason}")]
    private partial void LogNotJoined(string reason);
}
