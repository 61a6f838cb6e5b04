using System.Net;
using SwarmNet.Gossip.Wire;

namespace SwarmNet.Gossip.Swim;

// Failure detection: probe, indirect probe, and doing it for others.
internal sealed partial class SwimCore
{
    private const int MaxRelays = 1024;

    private readonly Dictionary<uint, Relay> _relays = [];
    private readonly List<string> _probeOrder = [];
    private int _probeIndex;
    private uint _seqNo;
    private Probe? _probe;
    private TimeSpan _nextProbe;

    /// <summary>An ack arrived, over UDP or TCP.</summary>
    public void HandleAck(uint seqNo, TimeSpan now)
    {
        if (_probe is { } probe && probe.SeqNo == seqNo)
        {
            _probe = null;
            ChangeAwareness(-1);
        }
        else if (_relays.Remove(seqNo, out Relay relay) && now < relay.ForgetAt)
        {
            byte[] buffer = new byte[MessageWriter.MaxBytes(0)];
            SendPacket(relay.Requester, Trim(buffer, MessageWriter.Ack(buffer, relay.SeqNo)));
        }
    }

    private void HandleNack(uint seqNo)
    {
        if (_probe is { } probe && probe.SeqNo == seqNo)
        {
            probe.MissingNacks = Math.Max(0, probe.MissingNacks - 1);
        }
    }

    private void HandlePing(in MessageFields ping, IPEndPoint source)
    {
        if (!IsForUs(ping.Node))
        {
            return;
        }

        byte[] buffer = new byte[MessageWriter.MaxBytes(0)];
        IPEndPoint answerTo = TryEndPoint(ping.SourceAddr, ping.SourcePort, out IPEndPoint? stated) ? stated! : source;
        SendPacket(answerTo, Trim(buffer, MessageWriter.Ack(buffer, ping.SeqNo)));
    }

    /// <summary>Whether a ping names this node, or nobody.</summary>
    public bool IsForUs(ReadOnlySpan<byte> node) => node.IsEmpty || (TryName(node, out string name) && name == _self.Name);

    private void HandleIndirectPing(in MessageFields request, IPEndPoint source, TimeSpan now)
    {
        if (_relays.Count >= MaxRelays || !TryName(request.Node, out string node)
            || !TryEndPoint(request.Target, request.Port, out IPEndPoint? target))
        {
            return;
        }

        IPEndPoint requester = TryEndPoint(request.SourceAddr, request.SourcePort, out IPEndPoint? stated) ? stated! : source;
        uint seqNo = ++_seqNo;
        _relays[seqNo] = new Relay(requester, request.SeqNo, request.Nack ? now + Timers.ProbeTimeout : null, now + Timers.ProbeInterval);
        SendPacket(target!, EncodePing(seqNo, node));
    }

    private void TickRelays(TimeSpan now)
    {
        foreach ((uint seqNo, Relay relay) in _relays)
        {
            if (relay.NackAt is { } nackAt && now >= nackAt)
            {
                byte[] buffer = new byte[MessageWriter.MaxBytes(0)];
                SendPacket(relay.Requester, Trim(buffer, MessageWriter.Nack(buffer, relay.SeqNo)));
                _relays[seqNo] = relay with { NackAt = null };
            }

            if (now >= relay.ForgetAt)
            {
                _relays.Remove(seqNo);
            }
        }
    }

    private void TickProbe(TimeSpan now)
    {
        if (_probe is { } probe)
        {
            ContinueProbe(probe, now);
        }

        if (_probe is null && now >= _nextProbe && !_leaving)
        {
            _nextProbe = now + Timers.ProbeInterval;
            if (NextTarget(now) is { } target)
            {
                StartProbe(target, now);
            }
        }
    }

    private void StartProbe(MemberRecord target, TimeSpan now)
    {
        // Lifeguard: who seems slow itself gives others more time.
        _probe = new Probe(target.Name, target.Incarnation, ++_seqNo, now + Timers.ProbeTimeout, now + (Timers.ProbeInterval * (_awareness + 1)));
        byte[] ping = EncodePing(_seqNo, target.Name);
        if (target.State == MemberState.Suspect)
        {
            // Lifeguard's "buddy system": a suspect learns of it at once and can refute.
            byte[] suspect = EncodeAccusation(MessageType.Suspect, target.Incarnation, target.Name, _self.Name);
            SendPacket(target, PacketCodec.Compound([ping, suspect]));
        }
        else
        {
            SendPacket(target.EndPoint, ping);
        }
    }

    private void ContinueProbe(Probe probe, TimeSpan now)
    {
        if (!_members.TryGetValue(probe.Name, out MemberRecord? target) || target.IsDeadOrLeft)
        {
            _probe = null;
            return;
        }

        if (now >= probe.TimeoutAt && !probe.Indirect)
        {
            probe.Indirect = true;
            AskOthers(probe, target);
        }

        if (now >= probe.FailAt)
        {
            _probe = null;
            // Missing nacks say that our own network may be the slow one.
            ChangeAwareness(probe.ExpectedNacks > 0 ? probe.MissingNacks : 1);
            HandleSuspect(probe.Incarnation, probe.Name, _self.Name, now);
        }
    }

    private void AskOthers(Probe probe, MemberRecord target)
    {
        byte[] buffer = new byte[MessageWriter.MaxBytes(2 * MaxNameBytes)];
        foreach (MemberRecord helper in PickRandom(
            Timers.IndirectChecks, member => member.State == MemberState.Alive && member.Name != target.Name))
        {
            bool nack = helper.ProtocolMax >= 4;
            probe.ExpectedNacks += nack ? 1 : 0;
            int length = MessageWriter.IndirectPing(
                buffer, probe.SeqNo, target.Name, target.EndPoint, nack, _self.EndPoint.Address, (ushort)_self.EndPoint.Port, _self.Name);
            SendPacket(helper.EndPoint, Trim(buffer, length));
        }

        probe.MissingNacks = probe.ExpectedNacks;
        if (target.ProtocolMax >= 3)
        {
            _outputs.Enqueue(new SwimOutput(SwimOutputKind.StreamPing, target.EndPoint, EncodePing(probe.SeqNo, target.Name), target.Name, probe.SeqNo, false));
        }
    }

    // Round-robin over a shuffled list; at the end of a round the long dead are forgotten and the list is shuffled anew.
    private MemberRecord? NextTarget(TimeSpan now)
    {
        for (int checkedCount = 0; checkedCount <= _members.Count; checkedCount++)
        {
            if (_probeIndex >= _probeOrder.Count)
            {
                StartRound(now);
            }

            if (_probeIndex < _probeOrder.Count && _members.TryGetValue(_probeOrder[_probeIndex++], out MemberRecord? member) && IsOtherAlive(member))
            {
                return member;
            }
        }

        return null;
    }

    private void StartRound(TimeSpan now)
    {
        foreach (MemberRecord member in _members.Values)
        {
            if (member != _self && member.IsDeadOrLeft && now - member.StateChange > Timers.GossipToTheDead)
            {
                _members.Remove(member.Name);
                Revision++;
            }
        }

        string[] names = [.. _members.Keys];
        _random.Shuffle(names);
        _probeOrder.Clear();
        _probeOrder.AddRange(names);
        _probeIndex = 0;
    }

    private void ChangeAwareness(int delta) => _awareness = Math.Clamp(_awareness + delta, 0, Timers.AwarenessMax - 1);

    private byte[] EncodePing(uint seqNo, string node)
    {
        byte[] buffer = new byte[MessageWriter.MaxBytes(2 * MaxNameBytes)];
        return Trim(buffer, MessageWriter.Ping(buffer, seqNo, node, _self.EndPoint.Address, (ushort)_self.EndPoint.Port, _self.Name));
    }

    private sealed record Probe(string Name, uint Incarnation, uint SeqNo, TimeSpan TimeoutAt, TimeSpan FailAt)
    {
        public bool Indirect { get; set; }

        public int ExpectedNacks { get; set; }

        public int MissingNacks { get; set; }
    }

    private readonly record struct Relay(IPEndPoint Requester, uint SeqNo, TimeSpan? NackAt, TimeSpan ForgetAt);
}
