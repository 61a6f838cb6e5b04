using System.Net;
using SwarmNet.Gossip.Wire;

namespace SwarmNet.Gossip.Swim;

// Exchange of the whole state over TCP.
internal sealed partial class SwimCore
{
    /// <summary>Our half of an exchange, plain.</summary>
    public byte[] EncodeState(bool join)
    {
        byte[] user = _delegate.LocalState(join);
        int capacity = MessageWriter.MaxBytes(0) + user.Length;
        foreach (MemberRecord member in _members.Values)
        {
            capacity += MessageWriter.MaxBytes(MaxNameBytes, member.Meta.Length);
        }

        byte[] buffer = new byte[capacity];
        int length = MessageWriter.PushPullHeader(buffer, _members.Count, user.Length, join);
        foreach (MemberRecord member in _members.Values)
        {
            length += MessageWriter.PushPullNode(
                buffer.AsSpan(length), member.Incarnation, member.Name, member.EndPoint, (byte)member.State, member.Meta, member.Vsn);
        }

        user.CopyTo(buffer, length);
        return buffer[..(length + user.Length)];
    }

    /// <summary>Takes the other half. False when the bytes are no state, or the versions do not fit ours; <paramref name="error"/> says which.</summary>
    public bool TryMergeState(ReadOnlySpan<byte> message, TimeSpan now, out bool join, out string error)
    {
        join = false;
        error = "the state cannot be read";
        if (message.IsEmpty || message[0] != (byte)MessageType.PushPull)
        {
            return false;
        }

        MsgPackReader reader = new(message[1..]);
        if (!MessageFields.TryRead(ref reader, out MessageFields header))
        {
            return false;
        }

        List<RemoteNode> nodes = [];
        for (int i = 0; i < header.Nodes; i++)
        {
            if (!MessageFields.TryRead(ref reader, out MessageFields node))
            {
                return false;
            }

            if (TryName(node.Node, out string name) && TryEndPoint(node.Addr, node.Port, out IPEndPoint? endPoint))
            {
                nodes.Add(new RemoteNode(name, endPoint!, node.Incarnation, (MemberState)node.State, node.Meta.ToArray(), node.Vsn.ToArray()));
            }
        }

        if (message.Length - 1 - reader.Position < header.UserStateLen)
        {
            return false;
        }

        join = header.Join;
        if (!AreVersionsCompatible(nodes, out error))
        {
            return false;
        }

        Merge(nodes, now);
        if (header.UserStateLen > 0)
        {
            _delegate.MergeState(message.Slice(1 + reader.Position, header.UserStateLen), join, now);
        }

        return true;
    }

    private void Merge(List<RemoteNode> nodes, TimeSpan now)
    {
        foreach (RemoteNode node in nodes)
        {
            switch (node.State)
            {
                case MemberState.Alive:
                    HandleAlive(node.Incarnation, node.Name, node.EndPoint, node.Meta, node.Vsn, now);
                    break;
                case MemberState.Left:
                    HandleDead(node.Incarnation, node.Name, node.Name, now);
                    break;
                case MemberState.Suspect or MemberState.Dead:
                    // Only suspicion: the member gets its chance to refute here too.
                    HandleSuspect(node.Incarnation, node.Name, _self.Name, now);
                    break;
            }
        }
    }

    // Every live member of both sides must speak versions that every other one understands.
    private bool AreVersionsCompatible(List<RemoteNode> nodes, out string error)
    {
        IEnumerable<byte[]> vsns = nodes.Where(static node => node.State == MemberState.Alive).Select(static node => node.Vsn)
            .Concat(_members.Values.Where(static member => member.State == MemberState.Alive).Select(static member => member.Vsn));
        (byte min, byte max)[] ranges = [(0, byte.MaxValue), (0, byte.MaxValue)];
        foreach (byte[] vsn in vsns.Where(static vsn => vsn.Length >= 6))
        {
            for (int part = 0; part < 2; part++)
            {
                ranges[part] = (Math.Max(ranges[part].min, vsn[3 * part]), Math.Min(ranges[part].max, vsn[(3 * part) + 1]));
            }
        }

        foreach (byte[] vsn in vsns)
        {
            for (int part = 0; part < 2; part++)
            {
                byte current = vsn.Length >= 6 ? vsn[(3 * part) + 2] : (byte)0;
                if (current < ranges[part].min || current > ranges[part].max)
                {
                    error = $"a member speaks {(part == 0 ? "protocol" : "delegate")} version {current}, "
                        + $"but all members understand only {ranges[part].min} to {ranges[part].max}";
                    return false;
                }
            }
        }

        error = "";
        return true;
    }

    private sealed record RemoteNode(string Name, IPEndPoint EndPoint, uint Incarnation, MemberState State, byte[] Meta, byte[] Vsn);
}
