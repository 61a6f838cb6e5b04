using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SwarmNet.Gossip.NetworkDb;
using SwarmNet.Gossip.Node;
using SwarmNet.Gossip.Swim;
using SwarmNet.Gossip.Wire;

namespace SwarmNet.Gossip;

/// <summary>
/// A running member of a pool: owns a UDP and a TCP socket and one loop that feeds the cores. All members may be called from any thread;
/// commands are done in the order they were called when their task ends.
/// </summary>
public sealed partial class GossipNode : IAsyncDisposable
{
    private const int InputCapacity = 2048;
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(50);

    private readonly GossipOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly byte[] _label;
    private readonly long _start;
    private readonly Socket _udp;
    private readonly Socket _tcp;
    private readonly SwimCore _swim;
    private readonly NetworkDbCore? _tables;
    private readonly ITimer _timer;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<NodeInput> _inputs = Channel.CreateBounded<NodeInput>(new BoundedChannelOptions(InputCapacity) { SingleReader = true });
    private readonly List<TableSubscription> _subscriptions = [];
    private readonly List<IPEndPoint> _seeds = [];
    private readonly Task _loops;
    private KeyRing _keys;
    private Member[] _members = [];
    private ImmutableDictionary<(string NetworkId, string Table), ImmutableDictionary<string, TableEntry>> _entries =
        ImmutableDictionary<(string NetworkId, string Table), ImmutableDictionary<string, TableEntry>>.Empty;

    private int _disposed;

    private GossipNode(GossipOptions options)
    {
        if ((options.AdvertiseAddress ?? options.BindAddress) is var own && (own.Equals(IPAddress.Any) || own.Equals(IPAddress.IPv6Any)))
        {
            throw new GossipException($"Others cannot reach {own}; set AdvertiseAddress to an address of this host.");
        }

        _options = options;
        _time = options.TimeProvider;
        _logger = options.Logger ?? NullLogger.Instance;
        _label = Encoding.UTF8.GetBytes(options.Label);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_label.Length, byte.MaxValue, nameof(options));
        _keys = new KeyRing(options.Keys);
        _start = _time.GetTimestamp();
        (_udp, _tcp) = SocketHelper.Bind(new IPEndPoint(options.BindAddress, options.Port));
        int port = ((IPEndPoint)_tcp.LocalEndPoint!).Port;
        EndPoint = new IPEndPoint(options.AdvertiseAddress ?? options.BindAddress, port);
        int seed = options.Seed ?? RandomNumberGenerator.GetInt32(int.MaxValue);
        int layerBytes = PacketCodec.CrcBytes + KeyRing.OverheadBytes + (_label.Length > 0 ? 2 + _label.Length : 0);
        _tables = options.Tables ? new NetworkDbCore(options.NodeName, EndPoint, options.Timers, layerBytes, seed, Now) : null;
        SwimOptions swim = new()
        {
            Name = options.NodeName,
            EndPoint = EndPoint,
            Seed = seed,
            Meta = options.IsResuming ? NetworkDbCore.ResumingMeta.ToArray() : options.Meta,
            Version = options.Version,
            Timers = options.Timers,
            LayerBytes = layerBytes,
        };
        _swim = new SwimCore(swim, (ISwimDelegate?)_tables ?? new NoTables(), Now);
        _timer = _time.CreateTimer(static state => ((GossipNode)state!)._inputs.Writer.TryWrite(default), this, s_tick, s_tick);
        Publish();
        _loops = Task.WhenAll(Task.Run(OwnAsync), Task.Run(ReceiveAsync), Task.Run(AcceptAsync), Task.Run(RejoinAsync));
    }

    /// <summary>Where others reach this node.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>This node's name in the pool.</summary>
    public string NodeName => _options.NodeName;

    /// <summary>All members known, this one included, failed ones until they are forgotten; a snapshot.</summary>
    public IReadOnlyList<Member> Members => Volatile.Read(ref _members);

    /// <summary>Ends when the node is disposed; faults when a broken invariant made it stop.</summary>
    public Task Completion => _loops;

    /// <summary>Raised after <see cref="Members"/> changed, on the node's loop: return quickly.</summary>
    public event Action? MembersChanged;

    private TimeSpan Now => _time.GetElapsedTime(_start);

    /// <summary>A random name of 12 hexadecimal digits.</summary>
    public static string NewNodeName() => RandomNumberGenerator.GetHexString(12, lowercase: true);

    /// <summary>Opens the sockets and starts as a pool of one.</summary>
    /// <exception cref="GossipException">The address cannot be listened on.</exception>
    public static Task<GossipNode> StartAsync(GossipOptions options, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(new GossipNode(options));
    }

    /// <summary>
    /// Joins the pool of the given members; returns how many of them answered. They are remembered: when none of them is alive any more, joining
    /// is tried again from time to time.
    /// </summary>
    /// <exception cref="GossipException">None answered (and there was one to ask). They are remembered all the same.</exception>
    public async Task<int> JoinAsync(IReadOnlyList<IPEndPoint> seeds, CancellationToken cancellationToken = default)
    {
        lock (_seeds)
        {
            _seeds.Clear();
            _seeds.AddRange(seeds.Where(seed => !seed.Equals(EndPoint)));
        }

        return await JoinSeedsAsync(cancellationToken);
    }

    /// <summary>Says goodbye, waits until it is sent (at most a few seconds), and stops taking part. Dispose afterwards.</summary>
    public async Task LeaveAsync(CancellationToken cancellationToken = default)
    {
        if (_tables is not null)
        {
            await RunAsync(() => _tables.LeaveCluster(), cancellationToken);
            await WaitAsync(() => _tables.IsLeaveSent, TimeSpan.FromSeconds(5), cancellationToken);
        }

        await RunAsync(() => _swim.Leave(Now), cancellationToken);
        await WaitAsync(() => _swim.HasLeft, TimeSpan.FromSeconds(1), cancellationToken);
    }

    /// <summary>Whether every member that shares a network with this one has sent its tables since this node started.</summary>
    public Task<bool> IsSyncedAsync(CancellationToken cancellationToken = default) => RunAsync(() => Tables.IsSynced, cancellationToken);

    /// <summary>
    /// What an earlier process at this address announced is announced again: waits (at most a few seconds) until that is sent, then lets the others drop
    /// the earlier one's entries. Nothing to do unless <see cref="GossipOptions.IsResuming"/>.
    /// </summary>
    public async Task EndResumeAsync(CancellationToken cancellationToken = default)
    {
        if (_options.IsResuming)
        {
            await WaitAsync(() => Tables.IsQuiet, TimeSpan.FromSeconds(5), cancellationToken);
            await RunAsync(() => _swim.ChangeMeta([]), cancellationToken);
        }
    }

    /// <summary>Replaces the keys: the first encrypts from now on, all decrypt. Empty = no encryption.</summary>
    public void SetKeys(IReadOnlyList<byte[]> keys) => Volatile.Write(ref _keys, new KeyRing(keys));

    /// <summary>Attaches this node to a network: its tables are fetched from, and shared with, the others on it.</summary>
    public Task JoinNetworkAsync(string networkId, CancellationToken cancellationToken = default) =>
        RunAsync(() => Tables.JoinNetwork(networkId), cancellationToken);

    /// <summary>Detaches: own entries are deleted everywhere, others' are forgotten here.</summary>
    public Task LeaveNetworkAsync(string networkId, CancellationToken cancellationToken = default) =>
        RunAsync(() => Tables.LeaveNetwork(networkId, Now), cancellationToken);

    /// <summary>Adds an entry of this node to a table of a network that it is attached to.</summary>
    /// <exception cref="GossipException">Not attached, or the key is taken.</exception>
    public Task CreateEntryAsync(string networkId, string table, string key, byte[] value, CancellationToken cancellationToken = default) =>
        RunAsync(() => Tables.CreateEntry(networkId, table, key, value), cancellationToken);

    /// <summary>Changes an entry of this node.</summary>
    /// <exception cref="GossipException">There is no such entry of this node.</exception>
    public Task UpdateEntryAsync(string networkId, string table, string key, byte[] value, CancellationToken cancellationToken = default) =>
        RunAsync(() => Tables.UpdateEntry(networkId, table, key, value), cancellationToken);

    /// <summary>Removes an entry of this node.</summary>
    /// <exception cref="GossipException">There is no such entry of this node.</exception>
    public Task DeleteEntryAsync(string networkId, string table, string key, CancellationToken cancellationToken = default) =>
        RunAsync(() => Tables.DeleteEntry(networkId, table, key, Now), cancellationToken);

    /// <summary>The entries of a table by key, own ones included, those of failed members not; a snapshot.</summary>
    public IReadOnlyDictionary<string, TableEntry> Entries(string networkId, string table) =>
        Volatile.Read(ref _entries).GetValueOrDefault((networkId, table), ImmutableDictionary<string, TableEntry>.Empty);

    /// <summary>Events about others' entries from now on. Subscribe first, then read <see cref="Entries"/>.</summary>
    public TableSubscription Subscribe()
    {
        TableSubscription subscription = new(Unsubscribe);
        lock (_subscriptions)
        {
            if (_stopping.IsCancellationRequested)
            {
                subscription.Complete();
            }

            _subscriptions.Add(subscription);
        }

        return subscription;
    }

    /// <summary>Stops at once, without a goodbye: others will find this node dead. Call <see cref="LeaveAsync"/> first for a goodbye.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await _timer.DisposeAsync();
            await _stopping.CancelAsync();
            _inputs.Writer.TryComplete();
            _udp.Dispose();
            _tcp.Dispose();
        }

        await _loops.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await WaitForExchangesAsync();
    }

    private NetworkDbCore Tables => _tables ?? throw new GossipException("This node runs without tables; set Tables in its options.");

    private void Unsubscribe(TableSubscription subscription)
    {
        lock (_subscriptions)
        {
            _subscriptions.Remove(subscription);
        }

        subscription.Complete();
    }
}
