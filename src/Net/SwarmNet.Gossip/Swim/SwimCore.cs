using System.Net;
using System.Text;
using SwarmNet.Gossip.Wire;

namespace SwarmNet.Gossip.Swim;

/// <summary>
/// The membership protocol (SWIM with Lifeguard, memberlist's form) as a state machine: no sockets, no clock. Feed packets, acks and states;
/// call <see cref="Tick"/> at least every few tens of milliseconds; then drain <see cref="TryTake"/>. Time is since any fixed start.
/// </summary>
internal sealed partial class SwimCore
{
    private const int MaxNameBytes = 255;
    private const int MaxMetaBytes = 512;

    private readonly SwimOptions _options;
    private readonly ISwimDelegate _delegate;
    private readonly Random _random;
    private readonly Dictionary<string, MemberRecord> _members = [];
    private readonly BroadcastQueue _broadcasts;
    private readonly Queue<SwimOutput> _outputs = new();
    private readonly MemberRecord _self;
    private readonly byte[] _vsn;
    private int _awareness;
    private bool _leaving;
    private TimeSpan _nextGossip;
    private TimeSpan _nextPushPull;

    public SwimCore(SwimOptions options, ISwimDelegate swimDelegate, TimeSpan now)
    {
        if (Encoding.UTF8.GetByteCount(options.Name) is 0 or > MaxNameBytes)
        {
            throw new ArgumentException($"The name '{options.Name}' must have 1 to {MaxNameBytes} bytes.", nameof(options));
        }

        if (options.Meta.Length > MaxMetaBytes)
        {
            throw new ArgumentException($"The meta data has {options.Meta.Length} bytes; at most {MaxMetaBytes} are allowed.", nameof(options));
        }

        _options = options;
        _delegate = swimDelegate;
        _random = new Random(options.Seed);
        _broadcasts = new BroadcastQueue(Timers.RetransmitMultiplier);
        _vsn = options.Version.ToBytes();
        _self = new MemberRecord(options.Name, options.EndPoint)
        {
            Incarnation = 1,
            State = MemberState.Alive,
            StateChange = now,
            Meta = options.Meta,
            Vsn = _vsn,
        };
        _members.Add(options.Name, _self);
        BroadcastAlive(_self);
        // Each job starts at a random moment of its interval, so that members do not act in step.
        _nextProbe = now + (_random.NextDouble() * Timers.ProbeInterval);
        _nextGossip = now + (_random.NextDouble() * Timers.GossipInterval);
        _nextPushPull = now + (_random.NextDouble() * Timers.PushPullInterval);
    }

    public IReadOnlyCollection<MemberRecord> Members => _members.Values;

    /// <summary>Counts up whenever a member appears, goes or changes state, address or meta data.</summary>
    public long Revision { get; private set; }

    /// <summary>After <see cref="Leave"/>: whether the news has been sent once (or there is nobody to send it to).</summary>
    public bool HasLeft => _leaving && (_broadcasts.Transmits(_self.Name) is null or > 0 || !_members.Values.Any(IsOtherAlive));

    private GossipTimers Timers => _options.Timers;

    public bool TryTake(out SwimOutput output) => _outputs.TryDequeue(out output);

    public bool TryGetMember(string name, out MemberRecord? member) => _members.TryGetValue(name, out member);

    /// <summary>Does what is due.</summary>
    public void Tick(TimeSpan now)
    {
        TickProbe(now);
        TickRelays(now);
        TickSuspicions(now);
        if (now >= _nextGossip)
        {
            _nextGossip = now + Timers.GossipInterval;
            Gossip(now);
        }

        if (now >= _nextPushPull)
        {
            _nextPushPull = now + PushPullInterval();
            if (PickRandom(1, static member => member.State == MemberState.Alive) is [var partner])
            {
                _outputs.Enqueue(new SwimOutput(SwimOutputKind.PushPull, partner.EndPoint, [], partner.Name, 0, false));
            }
        }
    }

    /// <summary>Says goodbye: broadcasts that this node leaves. Go on ticking until <see cref="HasLeft"/>.</summary>
    public void Leave(TimeSpan now)
    {
        if (!_leaving)
        {
            _leaving = true;
            HandleDead(_self.Incarnation, _self.Name, _self.Name, now);
        }
    }

    /// <summary>Describes this node otherwise, and tells all.</summary>
    public void ChangeMeta(byte[] meta)
    {
        if (!_leaving && !meta.AsSpan().SequenceEqual(_self.Meta))
        {
            _self.Meta = meta;
            _self.Incarnation++;
            Revision++;
            BroadcastAlive(_self);
        }
    }

    /// <summary>Takes a plain message from a UDP packet; whatever cannot be read is dropped.</summary>
    public void HandlePacket(ReadOnlySpan<byte> message, IPEndPoint source, TimeSpan now) => HandlePacket(message, source, now, depth: 0);

    private void HandlePacket(ReadOnlySpan<byte> message, IPEndPoint source, TimeSpan now, int depth)
    {
        // compress(compound(message)) is the deepest that senders make.
        if (message.IsEmpty || depth > 3)
        {
            return;
        }

        ReadOnlySpan<byte> body = message[1..];
        switch ((MessageType)message[0])
        {
            case MessageType.Compound:
                List<Range> parts = [];
                if (PacketCodec.TrySplit(body, parts))
                {
                    foreach (Range part in parts)
                    {
                        HandlePacket(body[part], source, now, depth + 1);
                    }
                }

                break;
            case MessageType.Compress:
                if (PacketCodec.TryDecompress(body, out byte[] plain))
                {
                    HandlePacket(plain, source, now, depth + 1);
                }

                break;
            case MessageType.User:
                _delegate.UserMessage(body, now);
                break;
            default:
                MsgPackReader reader = new(body);
                if (MessageFields.TryRead(ref reader, out MessageFields fields))
                {
                    HandleFields((MessageType)message[0], fields, source, now);
                }

                break;
        }
    }

    private void HandleFields(MessageType type, in MessageFields fields, IPEndPoint source, TimeSpan now)
    {
        switch (type)
        {
            case MessageType.Ping:
                HandlePing(fields, source);
                break;
            case MessageType.IndirectPing:
                HandleIndirectPing(fields, source, now);
                break;
            case MessageType.Ack:
                HandleAck(fields.SeqNo, now);
                break;
            case MessageType.Nack:
                HandleNack(fields.SeqNo);
                break;
            case MessageType.Alive when TryName(fields.Node, out string node) && TryEndPoint(fields.Addr, fields.Port, out IPEndPoint? endPoint):
                HandleAlive(fields.Incarnation, node, endPoint!, fields.Meta, fields.Vsn, now);
                break;
            case MessageType.Suspect when TryName(fields.Node, out string node) && TryName(fields.From, out string from):
                HandleSuspect(fields.Incarnation, node, from, now);
                break;
            case MessageType.Dead when TryName(fields.Node, out string node) && TryName(fields.From, out string from):
                HandleDead(fields.Incarnation, node, from, now);
                break;
        }
    }

    private void Gossip(TimeSpan now)
    {
        List<MemberRecord> targets = PickRandom(Timers.GossipNodes, member =>
            member.State is MemberState.Alive or MemberState.Suspect
            || (member.State == MemberState.Dead && now - member.StateChange <= Timers.GossipToTheDead));
        foreach (MemberRecord target in targets)
        {
            // memberlist: 2 bytes of compound header, 2 more per message; a user message has a type byte besides.
            int bytes = Timers.PacketBytes - _options.LayerBytes - 2;
            List<byte[]> messages = [];
            int used = _broadcasts.Take(2, bytes, _members.Count, messages);
            int own = messages.Count;
            _delegate.GetBroadcasts(3, bytes - used, messages);
            for (int i = own; i < messages.Count; i++)
            {
                messages[i] = [(byte)MessageType.User, .. messages[i]];
            }

            if (messages.Count == 0)
            {
                return;
            }

            for (int first = 0; first < messages.Count; first += byte.MaxValue)
            {
                SendPacket(target, PacketCodec.Compound(messages.GetRange(first, Math.Min(byte.MaxValue, messages.Count - first))));
            }
        }
    }

    private void SendPacket(MemberRecord target, byte[] message) =>
        _outputs.Enqueue(new SwimOutput(SwimOutputKind.Packet, target.EndPoint, message, target.Name, 0, target.ProtocolMax >= 5));

    private void SendPacket(IPEndPoint target, byte[] message) =>
        _outputs.Enqueue(new SwimOutput(SwimOutputKind.Packet, target, message, "", 0, false));

    private bool IsOtherAlive(MemberRecord member) => member != _self && !member.IsDeadOrLeft;

    private TimeSpan PushPullInterval()
    {
        // Above 32 members the interval grows, so that the traffic of the whole does not.
        double factor = _members.Count <= 32 ? 1 : Math.Ceiling(Math.Log2(_members.Count) - 5) + 1;
        return factor * Timers.PushPullInterval;
    }

    private List<MemberRecord> PickRandom(int count, Func<MemberRecord, bool> filter)
    {
        MemberRecord[] candidates = [.. _members.Values.Where(member => member != _self && filter(member))];
        _random.Shuffle(candidates);
        return [.. candidates.Take(count)];
    }

    private static bool TryName(ReadOnlySpan<byte> bytes, out string name)
    {
        bool valid = bytes.Length is > 0 and <= MaxNameBytes && System.Text.Unicode.Utf8.IsValid(bytes);
        name = valid ? Encoding.UTF8.GetString(bytes) : "";
        return valid;
    }

    private static bool TryEndPoint(ReadOnlySpan<byte> address, ushort port, out IPEndPoint? endPoint)
    {
        endPoint = address.Length is 4 or 16 && port != 0 ? new IPEndPoint(Normalize(new IPAddress(address)), port) : null;
        return endPoint is not null;
    }

    // Go sends IPv4 in either form.
    private static IPAddress Normalize(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static byte[] Trim(byte[] buffer, int length) => buffer[..length];
}
