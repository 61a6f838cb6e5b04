using System.Net;
using SwarmNet.Gossip.Wire;

namespace SwarmNet.Gossip.Swim;

// The states of members and how news changes them.
internal sealed partial class SwimCore
{
    private void HandleAlive(
        uint incarnation, string node, IPEndPoint endPoint, ReadOnlySpan<byte> meta, ReadOnlySpan<byte> vsn, TimeSpan now)
    {
        // Versions that make no sense, and meta data above the protocol's limit.
        if (meta.Length > MaxMetaBytes || (vsn.Length >= 3 && ((vsn[0] == 0 && vsn[1] == 0) || vsn[0] > vsn[1])) || (_leaving && node == _self.Name))
        {
            return;
        }

        if (!_members.TryGetValue(node, out MemberRecord? member))
        {
            member = new MemberRecord(node, endPoint) { StateChange = now };
            _members.Add(node, member);
            // At a random place of the round, so that new members are not all probed last.
            _probeOrder.Insert(_random.Next(_probeOrder.Count + 1), node);
        }
        else if (!member.EndPoint.Equals(endPoint) && member != _self && member.State != MemberState.Left)
        {
            // A name belongs to the address it had until that member has left.
            return;
        }

        if (member == _self)
        {
            bool same = incarnation == member.Incarnation && meta.SequenceEqual(member.Meta) && vsn.SequenceEqual(member.Vsn)
                && member.EndPoint.Equals(endPoint);
            if (incarnation >= member.Incarnation && !same)
            {
                Refute(incarnation);
            }

            return;
        }

        if (incarnation <= member.Incarnation && !(member.State == MemberState.Left && !member.EndPoint.Equals(endPoint)))
        {
            return;
        }

        bool joined = member.IsDeadOrLeft;
        bool changed = !meta.SequenceEqual(member.Meta);
        member.Incarnation = incarnation;
        member.EndPoint = endPoint;
        member.Meta = meta.ToArray();
        member.Vsn = vsn.ToArray();
        member.Suspicion = null;
        if (member.State != MemberState.Alive)
        {
            member.State = MemberState.Alive;
            member.StateChange = now;
        }

        Revision++;
        BroadcastAlive(member);
        if (joined)
        {
            _delegate.MemberUp(node, endPoint, meta, now);
        }
        else if (changed)
        {
            _delegate.MemberChanged(node, meta, now);
        }
    }

    private void HandleSuspect(uint incarnation, string node, string from, TimeSpan now)
    {
        if (!_members.TryGetValue(node, out MemberRecord? member) || incarnation < member.Incarnation)
        {
            return;
        }

        if (member == _self)
        {
            if (!_leaving)
            {
                Refute(incarnation);
            }
        }
        else if (member.Suspicion is { } suspicion)
        {
            if (suspicion.Confirm(from))
            {
                _broadcasts.Add(node, EncodeAccusation(MessageType.Suspect, incarnation, node, from));
            }
        }
        else if (member.State == MemberState.Alive)
        {
            member.Incarnation = incarnation;
            member.State = MemberState.Suspect;
            member.StateChange = now;
            member.Suspicion = new Suspicion(from, Timers, _members.Count, now);
            Revision++;
            _broadcasts.Add(node, EncodeAccusation(MessageType.Suspect, incarnation, node, from));
        }
    }

    private void HandleDead(uint incarnation, string node, string from, TimeSpan now)
    {
        if (!_members.TryGetValue(node, out MemberRecord? member) || incarnation < member.Incarnation)
        {
            return;
        }

        member.Suspicion = null;
        if (member.IsDeadOrLeft)
        {
            return;
        }

        if (member == _self && !_leaving)
        {
            Refute(incarnation);
            return;
        }

        member.Incarnation = incarnation;
        member.State = node == from ? MemberState.Left : MemberState.Dead;
        member.StateChange = now;
        Revision++;
        _broadcasts.Add(node, EncodeAccusation(MessageType.Dead, incarnation, node, from));
        if (member != _self)
        {
            _delegate.MemberDown(node, member.State == MemberState.Left, now);
        }
    }

    private void TickSuspicions(TimeSpan now)
    {
        List<MemberRecord>? overdue = null;
        foreach (MemberRecord member in _members.Values)
        {
            if (member.Suspicion is { } suspicion && now >= suspicion.Due)
            {
                (overdue ??= []).Add(member);
            }
        }

        foreach (MemberRecord member in overdue ?? [])
        {
            HandleDead(member.Incarnation, member.Name, _self.Name, now);
        }
    }

    // Somebody says something wrong about us: a larger incarnation overrules it everywhere.
    private void Refute(uint incarnation)
    {
        _self.Incarnation = Math.Max(_self.Incarnation, incarnation) + 1;
        ChangeAwareness(1);
        BroadcastAlive(_self);
    }

    private void BroadcastAlive(MemberRecord member)
    {
        byte[] buffer = new byte[MessageWriter.MaxBytes(MaxNameBytes, MaxMetaBytes)];
        int length = MessageWriter.Alive(buffer, member.Incarnation, member.Name, member.EndPoint, member.Meta, member.Vsn);
        _broadcasts.Add(member.Name, Trim(buffer, length));
    }

    private static byte[] EncodeAccusation(MessageType type, uint incarnation, string node, string from)
    {
        byte[] buffer = new byte[MessageWriter.MaxBytes(2 * MaxNameBytes)];
        return Trim(buffer, MessageWriter.Accusation(buffer, type, incarnation, node, from));
    }
}
