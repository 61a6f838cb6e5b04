using Google.Protobuf;
using SwarmNet.Gossip.Swim;
using Pb = SwarmNet.Gossip.Protos;

namespace SwarmNet.Gossip.NetworkDb;

// What this node tells others, and when.
internal sealed partial class NetworkDbCore
{
    // Protobuf framing of one message in a compound.
    private const int MessageOverheadBytes = 4;

    public void GetBroadcasts(int overheadBytes, int bytes, List<byte[]> messages) =>
        _clusterQueue.Take(overheadBytes, bytes, _nodes.Count + 1, messages);

    public byte[] LocalState(bool join)
    {
        if (join)
        {
            // The other side may remember us from before: our attachments must be news to it.
            foreach (Attachment own in _own.Values)
            {
                own.LTime = _networkClock.Next();
            }
        }

        Pb.NetworkPushPull state = new() { LTime = _networkClock.Time, NodeName = _self };
        foreach ((string networkId, Attachment own) in _own)
        {
            state.Networks.Add(ToEntry(_self, networkId, own));
        }

        foreach (DbNode node in _nodes.Values.Where(static node => node.State != DbNodeState.Left))
        {
            foreach ((string networkId, Attachment attachment) in node.Networks)
            {
                state.Networks.Add(ToEntry(node.Name, networkId, attachment));
            }
        }

        return Wrap(Pb.MessageType.PushPull, state);
    }

    /// <summary>Does what is due.</summary>
    public void Tick(TimeSpan now)
    {
        SyncSoon(now);
        if (now >= _nextGossip)
        {
            _nextGossip = now + _timers.GossipInterval;
            GossipTables();
        }

        if (now >= _nextBulkSync)
        {
            _nextBulkSync = now + _timers.PushPullInterval;
            PeriodicBulkSync(now);
        }

        if (now >= _nextReap)
        {
            _nextReap = now + s_reapInterval;
            Reap(now);
        }

        if (now >= _nextReconnect)
        {
            _nextReconnect = now + s_reconnectInterval;
            Reconnect();
        }
    }

    private static Pb.NetworkEntry ToEntry(string node, string networkId, Attachment attachment) =>
        new() { NodeName = node, NetworkId = networkId, LTime = attachment.LTime, Leaving = attachment.Leaving };

    private void GossipTables()
    {
        foreach ((string networkId, BroadcastQueue queue) in _tableQueues)
        {
            DbNode[] peers = [.. PeersOf(networkId)];
            if (peers.Length == 0)
            {
                // Nobody to tell; who joins later gets a bulk sync.
                queue.Clear();
                continue;
            }

            // memberlist's user type byte and the envelope take 5 bytes.
            List<byte[]> messages = [];
            queue.Take(MessageOverheadBytes, _timers.PacketBytes - _layerBytes - 5, peers.Length + 1, messages);
            if (messages.Count == 0)
            {
                continue;
            }

            byte[] compound = Compound(messages);
            _random.Shuffle(peers);
            foreach (DbNode peer in peers.Take(_timers.GossipNodes))
            {
                _outputs.Enqueue(new DbOutput(DbOutputKind.Packet, peer.Name, peer.EndPoint, compound));
            }
        }
    }

    private void SyncSoon(TimeSpan now)
    {
        foreach (string name in _syncSoon)
        {
            if (_nodes.TryGetValue(name, out DbNode? node) && node.State == DbNodeState.Active)
            {
                SendTables(node, now);
            }
        }

        _syncSoon.Clear();
    }

    // For each network one partner; a network that an earlier partner shares is done with that.
    private void PeriodicBulkSync(TimeSpan now)
    {
        HashSet<string> done = [];
        foreach (string networkId in _own.Keys.Where(IsAttached).ToArray())
        {
            DbNode[] peers = [.. PeersOf(networkId)];
            if (peers.Length == 0 || done.Contains(networkId))
            {
                continue;
            }

            DbNode peer = peers[_random.Next(peers.Length)];
            SendTables(peer, now);
            done.UnionWith(peer.Networks.Keys);
        }
    }

    private void SendTables(DbNode node, TimeSpan now)
    {
        string[] common = [.. node.Networks.Keys.Where(network => IsAttached(network) && node.IsAttachedTo(network))];
        if (common.Length > 0)
        {
            BulkSync(node, common, unsolicited: true, now);
        }
    }

    private void BulkSync(DbNode node, IReadOnlyCollection<string> networks, bool unsolicited, TimeSpan now)
    {
        List<byte[]> messages = [];
        foreach (string networkId in networks.Where(IsAttached))
        {
            foreach (((string table, string key), EntryRecord entry) in EntriesOf(networkId))
            {
                messages.Add(Wrap(Pb.MessageType.TableEvent, ToEvent(networkId, table, key, entry, now)));
            }
        }

        Pb.BulkSyncMessage message = new()
        {
            LTime = _tableClock.Time,
            Unsolicited = unsolicited,
            NodeName = _self,
            Payload = UnsafeByteOperations.UnsafeWrap(Compound(messages)),
        };
        message.Networks.AddRange(networks);
        _outputs.Enqueue(new DbOutput(DbOutputKind.Stream, node.Name, node.EndPoint, Wrap(Pb.MessageType.BulkSync, message)));
    }

    private static Pb.TableEvent ToEvent(string networkId, string table, string key, EntryRecord entry, TimeSpan now) => new()
    {
        Type = entry.Deleting ? Pb.TableEvent.Types.Type.Delete : Pb.TableEvent.Types.Type.Create,
        LTime = entry.LTime,
        NodeName = entry.Owner,
        NetworkId = networkId,
        TableName = table,
        Key = key,
        Value = ByteString.CopyFrom(entry.Value),
        ResidualReapTime = entry.Deleting ? Math.Max(1, (int)(entry.ReapAt - now).TotalSeconds) : 0,
    };

    private static byte[] Compound(List<byte[]> messages)
    {
        Pb.CompoundMessage compound = new();
        foreach (byte[] message in messages)
        {
            compound.Messages.Add(new Pb.CompoundMessage.Types.SimpleMessage { Payload = UnsafeByteOperations.UnsafeWrap(message) });
        }

        return Wrap(Pb.MessageType.Compound, compound);
    }

    private void Reap(TimeSpan now)
    {
        foreach ((string networkId, Dictionary<(string Table, string Key), EntryRecord> entries) in _entries)
        {
            foreach (((string table, string key), EntryRecord entry) in entries.ToArray())
            {
                if (entry.Deleting && now >= entry.ReapAt)
                {
                    Store(networkId, table, key, null);
                }
            }
        }

        foreach ((string networkId, Attachment own) in _own)
        {
            if (own.Leaving && now >= own.ReapAt)
            {
                _own.Remove(networkId);
            }
        }

        foreach (DbNode node in _nodes.Values)
        {
            ReapNode(node, now);
        }
    }

    private void ReapNode(DbNode node, TimeSpan now)
    {
        foreach ((string networkId, Attachment attachment) in node.Networks)
        {
            if (attachment.Leaving && now >= attachment.ReapAt)
            {
                node.Networks.Remove(networkId);
            }
        }

        if (node.State == DbNodeState.Succeeded && now - node.StateChange >= s_keepSucceeded)
        {
            Drop(node, now);
        }

        if (node.State == DbNodeState.Failed && now - node.StateChange >= s_reapEntry)
        {
            ChangeEntriesOf(node.Name, static _ => null);
        }

        if (node.State != DbNodeState.Active && now - node.StateChange >= s_reapNode)
        {
            _nodes.Remove(node.Name);
        }
    }

    private void Reconnect()
    {
        DbNode[] failed = [.. _nodes.Values.Where(static node => node.State == DbNodeState.Failed)];
        if (failed.Length > 0)
        {
            DbNode node = failed[_random.Next(failed.Length)];
            _outputs.Enqueue(new DbOutput(DbOutputKind.Rejoin, node.Name, node.EndPoint, []));
        }
    }
}
