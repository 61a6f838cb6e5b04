namespace SwarmNet.Gossip.Swim;

/// <summary>What a core wants done.</summary>
internal enum SwimOutputKind
{
    /// <summary>Send Message as a UDP packet to Target.</summary>
    Packet,

    /// <summary>Ping Name at Target over TCP; report the answer with <see cref="SwimCore.HandleAck"/>.</summary>
    StreamPing,

    /// <summary>Exchange state with Target over TCP.</summary>
    PushPull,
}
