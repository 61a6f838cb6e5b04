using System.Net;

namespace SwarmNet.Gossip.Swim;

/// <summary>One thing to do; see <see cref="SwimOutputKind"/>. Crc: the receiver is known to take one.</summary>
internal readonly record struct SwimOutput(SwimOutputKind Kind, IPEndPoint Target, byte[] Message, string Name, uint SeqNo, bool Crc);
