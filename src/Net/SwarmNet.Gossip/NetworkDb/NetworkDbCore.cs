using System.Collections.Immutable;
using System.Net;
using Google.Protobuf;
using SwarmNet.Gossip.Swim;
using Pb = SwarmNet.Gossip.Protos;
using TableMap = System.Collections.Immutable.ImmutableDictionary<
    (string NetworkId, string Table), System.Collections.Immutable.ImmutableDictionary<string, SwarmNet.Gossip.TableEntry>>;

namespace SwarmNet.Gossip.NetworkDb;

/// <summary>
/// networkdb: tables per network, shared by the nodes attached to it, eventually the same everywhere. Each entry has one owner; Lamport clocks
/// order its changes. A state machine without sockets and clock: feed it by <see cref="ISwimDelegate"/> and the commands, call
/// <see cref="Tick"/>, drain <see cref="TryTake"/> and <see cref="TryTakeEvent"/>.
/// </summary>
internal sealed partial class NetworkDbCore : ISwimDelegate
{
    private static readonly TimeSpan s_reapEntry = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan s_reapNetwork = s_reapEntry + TimeSpan.FromSeconds(25);
    private static readonly TimeSpan s_reapNode = TimeSpan.FromHours(24);
    private static readonly TimeSpan s_keepSucceeded = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_reapInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_reconnectInterval = TimeSpan.FromSeconds(1);

    private readonly string _self;
    private readonly IPEndPoint _selfEndPoint;
    private readonly GossipTimers _timers;
    private readonly int _layerBytes;
    private readonly Random _random;
    private readonly LamportClock _networkClock = new();
    private readonly LamportClock _tableClock = new();
    private readonly Dictionary<string, DbNode> _nodes = [];
    private readonly Dictionary<string, Attachment> _own = [];
    private readonly Dictionary<string, BroadcastQueue> _tableQueues = [];
    private readonly Dictionary<string, Dictionary<(string Table, string Key), EntryRecord>> _entries = [];
    private readonly BroadcastQueue _clusterQueue;
    private readonly HashSet<string> _syncSoon = [];
    private readonly Queue<DbOutput> _outputs = new();
    private readonly Queue<TableEvent> _events = new();
    private TimeSpan _nextGossip;
    private TimeSpan _nextBulkSync;
    private TimeSpan _nextReap;
    private TimeSpan _nextReconnect;

    public NetworkDbCore(string nodeName, IPEndPoint endPoint, GossipTimers timers, int layerBytes, int seed, TimeSpan now)
    {
        _self = nodeName;
        _selfEndPoint = endPoint;
        _timers = timers;
        _layerBytes = layerBytes;
        _random = new Random(seed);
        _clusterQueue = new BroadcastQueue(timers.RetransmitMultiplier);
        _nextGossip = now + (_random.NextDouble() * timers.GossipInterval);
        _nextBulkSync = now + (_random.NextDouble() * timers.PushPullInterval);
        _nextReap = now + s_reapInterval;
        _nextReconnect = now + s_reconnectInterval;
        BroadcastNodeEvent(Pb.NodeEvent.Types.Type.Join);
    }

    /// <summary>Entries that are not deleted and whose owner is not failed, own ones included; swapped whole at each change.</summary>
    public TableMap Visible { get; private set; } = TableMap.Empty;

    /// <summary>Whether all node and network events have been sent as often as they should, or there is nobody to send to.</summary>
    public bool IsLeaveSent => _clusterQueue.Transmits("node " + _self) is null or > 0 || !_nodes.Values.Any(static node => node.State == DbNodeState.Active);

    /// <summary>Whether every active node that shares a network with this one has sent its tables.</summary>
    public bool IsSynced => _own.Keys.Where(IsAttached).SelectMany(PeersOf).All(static node => node.HasSynced);

    /// <summary>Whether every change has been sent as often as it should.</summary>
    public bool IsQuiet => _clusterQueue.Count == 0 && _tableQueues.Values.All(static queue => queue.Count == 0);

    public bool TryTake(out DbOutput output) => _outputs.TryDequeue(out output);

    public bool TryTakeEvent(out TableEvent tableEvent) => _events.TryDequeue(out tableEvent);

    /// <summary>Names of the active nodes attached to a network, without this one.</summary>
    public IEnumerable<string> NodesOf(string networkId) => PeersOf(networkId).Select(static node => node.Name);

    public bool IsAttached(string networkId) => _own.TryGetValue(networkId, out Attachment? attachment) && !attachment.Leaving;

    /// <summary>Attaches this node to a network: its tables are fetched from, and shared with, the others on it.</summary>
    public void JoinNetwork(string networkId)
    {
        if (IsAttached(networkId))
        {
            return;
        }

        _own[networkId] = new Attachment { LTime = _networkClock.Next() };
        _tableQueues[networkId] = new BroadcastQueue(_timers.RetransmitMultiplier);
        _entries.TryAdd(networkId, []);
        BroadcastNetworkEvent(networkId, Pb.NetworkEvent.Types.Type.Join);
        foreach (DbNode node in PeersOf(networkId))
        {
            _syncSoon.Add(node.Name);
        }
    }

    /// <summary>Detaches: own entries are deleted everywhere, others' are forgotten here.</summary>
    public void LeaveNetwork(string networkId, TimeSpan now)
    {
        if (!IsAttached(networkId))
        {
            return;
        }

        Attachment own = _own[networkId];
        own.LTime = _networkClock.Next();
        own.Leaving = true;
        own.ReapAt = now + s_reapNetwork;
        BroadcastNetworkEvent(networkId, Pb.NetworkEvent.Types.Type.Leave);
        foreach ((string table, string key) in EntriesOf(networkId).Keys.ToArray())
        {
            Store(networkId, table, key, null);
        }

        _entries.Remove(networkId);
        _tableQueues.Remove(networkId);
    }

    /// <summary>Adds an entry of this node.</summary>
    /// <exception cref="GossipException">Not attached, or there is an entry with the key.</exception>
    public void CreateEntry(string networkId, string table, string key, byte[] value)
    {
        ThrowUnlessAttached(networkId);
        if (EntriesOf(networkId).TryGetValue((table, key), out EntryRecord? entry) && !entry.Deleting)
        {
            throw new GossipException($"The table {table} of network {networkId} has an entry {key} of node {entry.Owner} already.");
        }

        StoreOwn(networkId, table, key, value, Pb.TableEvent.Types.Type.Create, default);
    }

    /// <summary>Changes an entry of this node.</summary>
    /// <exception cref="GossipException">There is no such entry of this node.</exception>
    public void UpdateEntry(string networkId, string table, string key, byte[] value)
    {
        ThrowUnlessOwned(networkId, table, key);
        StoreOwn(networkId, table, key, value, Pb.TableEvent.Types.Type.Update, default);
    }

    /// <summary>Removes an entry of this node; a tombstone stays for 30 minutes.</summary>
    /// <exception cref="GossipException">There is no such entry of this node.</exception>
    public void DeleteEntry(string networkId, string table, string key, TimeSpan now)
    {
        byte[] value = ThrowUnlessOwned(networkId, table, key).Value;
        StoreOwn(networkId, table, key, value, Pb.TableEvent.Types.Type.Delete, now + s_reapEntry);
    }

    /// <summary>Tells all that this node leaves. Go on until <see cref="IsLeaveSent"/>.</summary>
    public void LeaveCluster() => BroadcastNodeEvent(Pb.NodeEvent.Types.Type.Leave);

    /// <summary>Tells all that this node is (again) here.</summary>
    public void AnnounceJoin() => BroadcastNodeEvent(Pb.NodeEvent.Types.Type.Join);

    private IEnumerable<DbNode> PeersOf(string networkId) =>
        _nodes.Values.Where(node => node.State == DbNodeState.Active && node.IsAttachedTo(networkId));

    private Dictionary<(string Table, string Key), EntryRecord> EntriesOf(string networkId) =>
        _entries.TryGetValue(networkId, out Dictionary<(string Table, string Key), EntryRecord>? entries) ? entries : [];

    private void ThrowUnlessAttached(string networkId)
    {
        if (!IsAttached(networkId))
        {
            throw new GossipException($"This node is not attached to network {networkId}; join it first.");
        }
    }

    private EntryRecord ThrowUnlessOwned(string networkId, string table, string key)
    {
        ThrowUnlessAttached(networkId);
        return EntriesOf(networkId).TryGetValue((table, key), out EntryRecord? entry) && !entry.Deleting && entry.Owner == _self
            ? entry : throw new GossipException($"The table {table} of network {networkId} has no entry {key} of this node.");
    }

    private void StoreOwn(string networkId, string table, string key, byte[] value, Pb.TableEvent.Types.Type type, TimeSpan reapAt)
    {
        bool deleting = type == Pb.TableEvent.Types.Type.Delete;
        Store(networkId, table, key, new EntryRecord(_self, _tableClock.Next(), value, deleting, Hidden: false, reapAt));
        Pb.TableEvent message = new()
        {
            Type = type,
            LTime = _tableClock.Time,
            NodeName = _self,
            NetworkId = networkId,
            TableName = table,
            Key = key,
            Value = ByteString.CopyFrom(value),
            ResidualReapTime = deleting ? (int)s_reapEntry.TotalSeconds : 0,
        };
        _tableQueues[networkId].Add($"{table} {key}", Wrap(Pb.MessageType.TableEvent, message));
    }

    // The only place where entries change: keeps what is visible, and the events about others' entries, in step.
    private void Store(string networkId, string table, string key, EntryRecord? entry)
    {
        if (!_entries.TryGetValue(networkId, out Dictionary<(string Table, string Key), EntryRecord>? entries))
        {
            return;
        }

        entries.TryGetValue((table, key), out EntryRecord? old);
        if (entry is null)
        {
            entries.Remove((table, key));
        }
        else
        {
            entries[(table, key)] = entry;
        }

        bool was = old is { IsVisible: true };
        bool isNow = entry is { IsVisible: true };
        if (isNow)
        {
            ImmutableDictionary<string, TableEntry> rows = Visible.GetValueOrDefault((networkId, table), ImmutableDictionary<string, TableEntry>.Empty);
            Visible = Visible.SetItem((networkId, table), rows.SetItem(key, new TableEntry(key, entry!.Value, entry.Owner, entry.LTime)));
        }
        else if (was)
        {
            ImmutableDictionary<string, TableEntry> rows = Visible[(networkId, table)].Remove(key);
            Visible = rows.IsEmpty ? Visible.Remove((networkId, table)) : Visible.SetItem((networkId, table), rows);
        }

        string owner = (isNow ? entry : old)?.Owner ?? _self;
        if (owner != _self && (was || isNow))
        {
            TableEventKind kind = was && isNow ? TableEventKind.Update : isNow ? TableEventKind.Create : TableEventKind.Delete;
            _events.Enqueue(new TableEvent(kind, networkId, table, key, (isNow ? entry! : old!).Value, owner));
        }
    }

    private void BroadcastNodeEvent(Pb.NodeEvent.Types.Type type) => _clusterQueue.Add(
        "node " + _self,
        Wrap(Pb.MessageType.NodeEvent, new Pb.NodeEvent { Type = type, LTime = _networkClock.Next(), NodeName = _self }));

    private void BroadcastNetworkEvent(string networkId, Pb.NetworkEvent.Types.Type type) => _clusterQueue.Add(
        $"network {_self} {networkId}",
        Wrap(Pb.MessageType.NetworkEvent, new Pb.NetworkEvent
        {
            Type = type,
            LTime = _own[networkId].LTime,
            NodeName = _self,
            NetworkId = networkId,
        }));

    private static byte[] Wrap(Pb.MessageType type, IMessage message) =>
        new Pb.GossipMessage { Type = type, Data = message.ToByteString() }.ToByteArray();
}
