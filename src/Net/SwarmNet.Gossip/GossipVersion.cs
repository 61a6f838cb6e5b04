namespace SwarmNet.Gossip;

/// <summary>
/// The six version bytes a member announces: memberlist's protocol (min, max, current), then the delegate's: Docker 0,0,0; Serf 2,5,4. Members
/// whose ranges do not meet cannot be in one pool.
/// </summary>
/// <param name="DelegateMin">Least delegate version understood.</param>
/// <param name="DelegateMax">Largest delegate version understood.</param>
/// <param name="DelegateCurrent">Delegate version spoken.</param>
public readonly record struct GossipVersion(byte DelegateMin, byte DelegateMax, byte DelegateCurrent)
{
    internal byte[] ToBytes() => [1, 5, 2, DelegateMin, DelegateMax, DelegateCurrent];
}
