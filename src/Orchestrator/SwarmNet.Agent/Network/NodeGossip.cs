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

    private readonly ILogger _logger = loggers.CreateLogger<NodeGossip>();
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private GossipNode? _node;
    private GossipTables? _tables;
    private ulong _newestKey;
    private HashSet<IPEndPoint> _seeds = [];

    /// <summary>Takes what a session message says of keys and managers.</summary>
    public async Task ConfigureAsync(SessionMessage message, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var keys = Ring(message.NetworkBootstrapKeys);
            if (keys.Count == 0)
            {
                return;
            }

            var newest = message.NetworkBootstrapKeys.Where(k => k.Subsystem == Subsystem).Max(k => k.LamportTime);
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

    /// <summary>
    /// The key ring in gossip's order: by Lamport time the middle key encrypts; the one before and the one after it only decrypt, so that a
    /// rotation needs no common moment.
    /// </summary>
    internal static IReadOnlyList<byte[]> Ring(IEnumerable<EncryptionKey> keys)
    {
        var ordered = keys.Where(k => k.Subsystem == Subsystem).OrderBy(k => k.LamportTime).Select(k => k.Key.ToByteArray()).ToList();
        return ordered is [var first, var second, .. var rest] ? [second, first, .. rest] : ordered;
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
                Logger = loggers.CreateLogger<GossipNode>(),
            },
            cancellationToken).ConfigureAwait(false);
        _tables = new GossipTables(_node, _logger);
        await network.UseTablesAsync(_tables, cancellationToken).ConfigureAwait(false);
    }

    private void Join(IEnumerable<WeightedPeer> managers)
    {
        var seeds = managers
            .Select(m => IPEndPoint.TryParse(m.Peer?.Addr ?? "", out var manager) ? new IPEndPoint(manager.Address, GossipOptions.DefaultPort) : null)
            .OfType<IPEndPoint>()
            .Where(s => !s.Address.Equals(advertise))
            .ToHashSet();
        if (seeds.Count == 0 || seeds.SetEquals(_seeds))
        {
            return;
        }

        _seeds = seeds;
        _ = JoinAsync([.. seeds]);
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

    [LoggerMessage(3031, LogLevel.Warning, "No manager answered gossip yet: {Reason}")]
    private partial void LogNotJoined(string reason);
}
