using System.Net;

namespace SwarmNet.Gossip.Swim;

/// <summary>What a core knows of a member, itself included.</summary>
internal sealed class MemberRecord(string name, IPEndPoint endPoint)
{
    public string Name => name;

    public IPEndPoint EndPoint { get; set; } = endPoint;

    public byte[] Meta { get; set; } = [];

    public byte[] Vsn { get; set; } = [];

    public uint Incarnation { get; set; }

    public MemberState State { get; set; } = MemberState.Dead;

    public TimeSpan StateChange { get; set; }

    /// <summary>Set while <see cref="State"/> is suspect.</summary>
    public Suspicion? Suspicion { get; set; }

    public bool IsDeadOrLeft => State is MemberState.Dead or MemberState.Left;

    /// <summary>Highest memberlist protocol it understands.</summary>
    public int ProtocolMax => Vsn.Length >= 2 ? Vsn[1] : 0;

    public Member ToMember() => new(name, EndPoint, State, Meta);
}
