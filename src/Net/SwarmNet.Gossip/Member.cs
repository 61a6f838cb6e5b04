using System.Net;

namespace SwarmNet.Gossip;

/// <summary>A member of the pool, as of one moment.</summary>
/// <param name="Name">Unique in the pool.</param>
/// <param name="EndPoint">Where it listens, UDP and TCP.</param>
/// <param name="State">What the pool believes of it.</param>
/// <param name="Meta">Up to 512 bytes that the member describes itself with.</param>
public sealed record Member(string Name, IPEndPoint EndPoint, MemberState State, ReadOnlyMemory<byte> Meta);
