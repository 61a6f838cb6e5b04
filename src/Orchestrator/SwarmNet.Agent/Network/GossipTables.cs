using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using SwarmNet.Gossip;

namespace SwarmNet.Agent.Network;

/// <summary>
/// The endpoint tables on a gossip node, in Docker's records. Own announcements are put in order by one queue; foreign ones are read from the
/// node's snapshots.
/// </summary>
internal sealed partial class GossipTables : IEndpointTables, IAsyncDisposable
{
    private const string EndpointTable = "endpoint_table";
    private const string PeerTable = "overlay_peer_table";

    private readonly GossipNode _node;
    private readonly ILogger _logger;
    private readonly TableSubscription _subscription;
    private readonly Channel<Func<Task>> _queue = Channel.CreateUnbounded<Func<Task>>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Dictionary<(string Network, string Table, string Key), byte[]> _own = []; // the queue's
    private readonly Task _loops;

    public GossipTables(GossipNode node, ILogger logger)
    {
        _node = node;
        _logger = logger;
        _subscription = node.Subscribe();
        _loops = Task.WhenAll(Task.Run(SendAsync), Task.Run(ListenAsync));
    }

    public event Action<string>? Changed;

    public void Join(string networkId) => Enqueue(() => _node.JoinNetworkAsync(networkId));

    public void Leave(string networkId) => Enqueue(async () =>
    {
        foreach (var key in _own.Keys.Where(o => o.Network == networkId).ToList())
        {
            _own.Remove(key);
        }

        await _node.LeaveNetworkAsync(networkId).ConfigureAwait(false);
    });

    public void AnnouncePeer(string networkId, string endpointId, PeerEntry peer) => Put(networkId, PeerTable, endpointId, EndpointRecords.ToBytes(peer));

    public void AnnounceEndpoint(string networkId, NetworkEndpoint endpoint) => Put(networkId, EndpointTable, endpoint.Id, EndpointRecords.ToBytes(endpoint));

    public void Withdraw(string networkId, string endpointId)
    {
        Delete(networkId, EndpointTable, endpointId);
        Delete(networkId, PeerTable, endpointId);
    }

    public IReadOnlyCollection<PeerEntry> Peers(string networkId) =>
        [.. Foreign(networkId, PeerTable).Select(e => EndpointRecords.ParsePeer(e.Key, e.Value, e.LamportTime)).OfType<PeerEntry>()];

    public IReadOnlyCollection<NetworkEndpoint> Endpoints(string networkId) =>
        [.. Foreign(networkId, EndpointTable).Select(e => EndpointRecords.ParseEndpoint(e.Key, e.Value)).OfType<NetworkEndpoint>()];

    /// <summary>Ends when everything announced so far is in the node's own tables.</summary>
    public Task FlushAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(() =>
        {
            done.SetResult();
            return Task.CompletedTask;
        });
        return done.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        _subscription.Dispose();
        await _loops.ConfigureAwait(false);
    }

    private IEnumerable<TableEntry> Foreign(string networkId, string table) =>
        EndpointKey.Newest(_node.Entries(networkId, table).Values.Where(e => e.OwnerNode != _node.NodeName), static e => e.Key);

    private void Put(string networkId, string table, string key, byte[] bytes) => Enqueue(async () =>
    {
        if (!_own.TryGetValue((networkId, table, key), out var before))
        {
            await _node.CreateEntryAsync(networkId, table, key, bytes).ConfigureAwait(false);
        }
        else if (before.AsSpan().SequenceEqual(bytes))
        {
            return;
        }
        else if (table == PeerTable)
        {
            // Docker's engines take an update in this table for a removal (libnetwork handleDriverTableEvent).
            await _node.DeleteEntryAsync(networkId, table, key).ConfigureAwait(false);
            _own.Remove((networkId, table, key));
            await _node.CreateEntryAsync(networkId, table, key, bytes).ConfigureAwait(false);
        }
        else
        {
            await _node.UpdateEntryAsync(networkId, table, key, bytes).ConfigureAwait(false);
        }

        _own[(networkId, table, key)] = bytes;
    });

    private void Delete(string networkId, string table, string key) =>
        Enqueue(() => _own.Remove((networkId, table, key)) ? _node.DeleteEntryAsync(networkId, table, key) : Task.CompletedTask);

    private void Enqueue(Func<Task> send) => _queue.Writer.TryWrite(send);

    private async Task SendAsync()
    {
        await foreach (var send in _queue.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                await send().ConfigureAwait(false);
            }
            catch (Exception e) when (e is GossipException or ObjectDisposedException or OperationCanceledException)
            {
                LogNotAnnounced(e.Message);
            }
        }
    }

    private async Task ListenAsync()
    {
        await foreach (var change in _subscription.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            Changed?.Invoke(change.NetworkId);
        }
    }

    [LoggerMessage(3020, LogLevel.Warning, "An announcement was not made: {Reason}")]
    private partial void LogNotAnnounced(string reason);
}
