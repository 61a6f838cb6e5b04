using System.Net;

namespace SwarmNet.Gossip.NetworkDb;

/// <summary>One thing to do. Message is a user message, without memberlist's type byte.</summary>
internal readonly record struct DbOutput(DbOutputKind Kind, string Node, IPEndPoint Target, byte[] Message);
