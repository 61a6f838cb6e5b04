using System.Net;
using Google.Protobuf;
using Pb = SwarmNet.Gossip.Protos;

namespace SwarmNet.Gossip.NetworkDb;

// What others say.
internal sealed partial class NetworkDbCore
{
    /// <summary>Relayed messages stop when the queue holds this many: bulk syncs will do.</summary>
    private const int MaxRelayedQueue = 500;

    private const int MaxCompoundDepth = 4;

    /// <summary>What a node that takes up its predecessor's place says of itself.</summary>
    public static ReadOnlySpan<byte> ResumingMeta => "swarmnet-resuming"u8;

    public void UserMessage(ReadOnlySpan<byte> message, TimeSpan now) => Receive(message, isBulk: false, now, depth: 0);

    public void MergeState(ReadOnlySpan<byte> state, bool join, TimeSpan now)
    {
        if (!TryParse(state, Pb.GossipMessage.Parser, out Pb.GossipMessage? envelope) || envelope!.Type != Pb.MessageType.PushPull
            || !TryParse(envelope.Data.Span, Pb.NetworkPushPull.Parser, out Pb.NetworkPushPull? pushPull))
        {
            return;
        }

        // Counts as the sender's node event.
        HandleNodeEvent(
            new Pb.NodeEvent { Type = Pb.NodeEvent.Types.Type.Join, LTime = pushPull!.LTime, NodeName = pushPull.NodeName }, now);
        foreach (Pb.NetworkEntry network in pushPull.Networks)
        {
            HandleNetworkEvent(
                new Pb.NetworkEvent
                {
                    Type = network.Leaving ? Pb.NetworkEvent.Types.Type.Leave : Pb.NetworkEvent.Types.Type.Join,
                    LTime = network.LTime,
                    NodeName = network.NodeName,
                    NetworkId = network.NetworkId,
                },
                now);
        }
    }

    public void MemberUp(string name, IPEndPoint endPoint, ReadOnlySpan<byte> meta, TimeSpan now)
    {
        bool resuming = meta.SequenceEqual(ResumingMeta);
        DbNode? predecessorOf = null;
        if (endPoint.Equals(_selfEndPoint))
        {
            // What ran here before this node; others will find it dead.
            return;
        }

        foreach (DbNode other in _nodes.Values.Where(node => node.Name != name && node.EndPoint.Equals(endPoint) && node.State != DbNodeState.Left).ToArray())
        {
            // A new name at the same address: the process there is another one now.
            if (resuming && other.State is DbNodeState.Active or DbNodeState.Succeeded)
            {
                Succeed(other, name, now);
            }
            else if (other.IsResuming && other.State == DbNodeState.Active)
            {
                // Old news of whom it succeeds.
                predecessorOf = other;
            }
            else
            {
                Drop(other, now);
            }
        }

        if (_nodes.TryGetValue(name, out DbNode? known))
        {
            known.EndPoint = endPoint;
            known.IsResuming = resuming;
            Activate(known, now);
        }
        else
        {
            _nodes.Add(name, new DbNode(name, endPoint) { StateChange = now, IsResuming = resuming });
        }

        if (predecessorOf is not null)
        {
            Succeed(_nodes[name], predecessorOf.Name, now);
        }
    }

    public void MemberChanged(string name, ReadOnlySpan<byte> meta, TimeSpan now)
    {
        if (_nodes.TryGetValue(name, out DbNode? node) && node.IsResuming && !meta.SequenceEqual(ResumingMeta))
        {
            node.IsResuming = false;
            DropPredecessors(name, now);
        }
    }

    public void MemberDown(string name, bool left, TimeSpan now)
    {
        if (!_nodes.TryGetValue(name, out DbNode? node) || node.State == DbNodeState.Left)
        {
            return;
        }

        // That the old process is found dead changes nothing while the new one resumes; when that one dies too, both are gone.
        DropPredecessors(name, now);
        if (left)
        {
            Drop(node, now);
        }
        else if (node.State == DbNodeState.Active)
        {
            node.State = DbNodeState.Failed;
            node.StateChange = now;
            ChangeEntriesOf(name, static entry => entry with { Hidden = true });
        }
    }

    private void Receive(ReadOnlySpan<byte> message, bool isBulk, TimeSpan now, int depth)
    {
        if (depth > MaxCompoundDepth || !TryParse(message, Pb.GossipMessage.Parser, out Pb.GossipMessage? envelope))
        {
            return;
        }

        ReadOnlySpan<byte> data = envelope!.Data.Span;
        switch (envelope.Type)
        {
            case Pb.MessageType.NodeEvent when TryParse(data, Pb.NodeEvent.Parser, out Pb.NodeEvent? nodeEvent):
                HandleNodeEvent(nodeEvent!, now);
                break;
            case Pb.MessageType.NetworkEvent when TryParse(data, Pb.NetworkEvent.Parser, out Pb.NetworkEvent? networkEvent):
                HandleNetworkEvent(networkEvent!, now);
                break;
            case Pb.MessageType.TableEvent when TryParse(data, Pb.TableEvent.Parser, out Pb.TableEvent? tableEvent):
                HandleTableEvent(tableEvent!, isBulk, now);
                break;
            case Pb.MessageType.BulkSync when TryParse(data, Pb.BulkSyncMessage.Parser, out Pb.BulkSyncMessage? bulkSync):
                HandleBulkSync(bulkSync!, now, depth);
                break;
            case Pb.MessageType.Compound when TryParse(data, Pb.CompoundMessage.Parser, out Pb.CompoundMessage? compound):
                foreach (Pb.CompoundMessage.Types.SimpleMessage part in compound!.Messages)
                {
                    Receive(part.Payload.Span, isBulk, now, depth + 1);
                }

                break;
        }
    }

    private void HandleNodeEvent(Pb.NodeEvent message, TimeSpan now)
    {
        _networkClock.Witness(message.LTime);
        if (message.NodeName == _self || !_nodes.TryGetValue(message.NodeName, out DbNode? node) || message.LTime <= node.LTime
            || (node.State == DbNodeState.Succeeded && message.Type == Pb.NodeEvent.Types.Type.Join))
        {
            return;
        }

        node.LTime = message.LTime;
        DbNodeState before = node.State;
        if (message.Type == Pb.NodeEvent.Types.Type.Join)
        {
            Activate(node, now);
        }
        else if (message.Type == Pb.NodeEvent.Types.Type.Leave && node.State != DbNodeState.Left)
        {
            Drop(node, now);
        }

        if (node.State != before)
        {
            _clusterQueue.Add("node " + node.Name, Wrap(Pb.MessageType.NodeEvent, message));
        }
    }

    private void HandleNetworkEvent(Pb.NetworkEvent message, TimeSpan now)
    {
        _networkClock.Witness(message.LTime);
        bool join = message.Type == Pb.NetworkEvent.Types.Type.Join;
        if (message.NodeName == _self || message.NetworkId.Length == 0 || !_nodes.TryGetValue(message.NodeName, out DbNode? node)
            || (!join && message.Type != Pb.NetworkEvent.Types.Type.Leave))
        {
            return;
        }

        if (!node.Networks.TryGetValue(message.NetworkId, out Attachment? attachment))
        {
            if (!join || node.State != DbNodeState.Active)
            {
                return;
            }

            node.Networks.Add(message.NetworkId, attachment = new Attachment { Leaving = true });
        }
        else if (message.LTime <= attachment.LTime)
        {
            return;
        }

        bool attached = join && attachment.Leaving;
        attachment.LTime = message.LTime;
        attachment.Leaving = !join;
        attachment.ReapAt = now + s_reapNetwork;
        if (!join)
        {
            ChangeEntriesOf(node.Name, static _ => null, message.NetworkId);
        }
        else if (attached && IsAttached(message.NetworkId))
        {
            // Whatever of its tables came before this event was refused: fetch it now rather than at the next periodic sync.
            _syncSoon.Add(node.Name);
        }

        _clusterQueue.Add($"network {node.Name} {message.NetworkId}", Wrap(Pb.MessageType.NetworkEvent, message));
    }

    private void HandleTableEvent(Pb.TableEvent message, bool isBulk, TimeSpan now)
    {
        _tableClock.Witness(message.LTime);
        if (message.NodeName == _self || !IsAttached(message.NetworkId) || !_nodes.TryGetValue(message.NodeName, out DbNode? owner)
            || owner.State == DbNodeState.Left || !owner.IsAttachedTo(message.NetworkId)
            || message.Type is not (Pb.TableEvent.Types.Type.Create or Pb.TableEvent.Types.Type.Update or Pb.TableEvent.Types.Type.Delete))
        {
            return;
        }

        bool known = EntriesOf(message.NetworkId).TryGetValue((message.TableName, message.Key), out EntryRecord? old);
        if (known && message.LTime <= old!.LTime)
        {
            return;
        }

        bool delete = message.Type == Pb.TableEvent.Types.Type.Delete;
        TimeSpan residual = message.ResidualReapTime > 0 ? TimeSpan.FromSeconds(message.ResidualReapTime) : s_reapEntry;
        residual = residual < s_reapEntry ? residual : s_reapEntry;
        Store(message.NetworkId, message.TableName, message.Key, new EntryRecord(
            message.NodeName, message.LTime, message.Value.ToByteArray(), delete, owner.State == DbNodeState.Failed, now + residual));
        Relay(message, isBulk, known, residual);
    }

    private void Relay(Pb.TableEvent message, bool isBulk, bool known, TimeSpan residual)
    {
        Swim.BroadcastQueue queue = _tableQueues[message.NetworkId];
        bool delete = message.Type == Pb.TableEvent.Types.Type.Delete;
        bool worthIt = !delete || (isBulk ? residual > s_reapEntry / 6 : known);
        if (worthIt && queue.Count <= MaxRelayedQueue)
        {
            if (delete)
            {
                message.ResidualReapTime = Math.Max(1, (int)residual.TotalSeconds);
            }

            queue.Add($"{message.TableName} {message.Key}", Wrap(Pb.MessageType.TableEvent, message));
        }
    }

    private void HandleBulkSync(Pb.BulkSyncMessage message, TimeSpan now, int depth)
    {
        _tableClock.Witness(message.LTime);
        Receive(message.Payload.Span, isBulk: true, now, depth + 1);
        if (!_nodes.TryGetValue(message.NodeName, out DbNode? node))
        {
            return;
        }

        node.HasSynced = true;
        if (message.Unsolicited && node.State == DbNodeState.Active)
        {
            // Always, and for what was asked: who asks waits for it, 30 s in Docker's engine, and may have joined a network a moment before this node hears of it.
            BulkSync(node, message.Networks, unsolicited: false, now);
        }
    }

    private void Activate(DbNode node, TimeSpan now)
    {
        if (node.State == DbNodeState.Active)
        {
            return;
        }

        node.State = DbNodeState.Active;
        node.StateChange = now;
        ChangeEntriesOf(node.Name, static entry => entry with { Hidden = false });
        _syncSoon.Add(node.Name);
    }

    private void Drop(DbNode node, TimeSpan now)
    {
        node.State = DbNodeState.Left;
        node.StateChange = now;
        node.Networks.Clear();
        _syncSoon.Remove(node.Name);
        ChangeEntriesOf(node.Name, static _ => null);
    }

    private void Succeed(DbNode node, string successor, TimeSpan now)
    {
        if (node.State != DbNodeState.Succeeded)
        {
            // Not again when one restart follows another: the limit counts from the first.
            node.State = DbNodeState.Succeeded;
            node.StateChange = now;
            _syncSoon.Remove(node.Name);
        }

        node.Successor = successor;
    }

    private void DropPredecessors(string successor, TimeSpan now)
    {
        foreach (DbNode node in _nodes.Values.Where(node => node.State == DbNodeState.Succeeded && node.Successor == successor).ToArray())
        {
            Drop(node, now);
        }
    }

    private void ChangeEntriesOf(string owner, Func<EntryRecord, EntryRecord?> change, string? networkId = null)
    {
        foreach ((string network, Dictionary<(string Table, string Key), EntryRecord> entries) in _entries)
        {
            if (networkId is not null && network != networkId)
            {
                continue;
            }

            foreach (((string table, string key), EntryRecord entry) in entries.ToArray())
            {
                if (entry.Owner == owner)
                {
                    Store(network, table, key, change(entry));
                }
            }
        }
    }

    private static bool TryParse<T>(ReadOnlySpan<byte> bytes, MessageParser<T> parser, out T? message)
        where T : class, IMessage<T>
    {
        try
        {
            message = parser.ParseFrom(bytes);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            // The library's only way to say that the bytes are bad.
            message = null;
            return false;
        }
    }
}
