using System.Net;

namespace SwarmNet.Gossip.Node;

/// <summary>What the owner loop takes: an opened packet, a command, or neither: only a wake-up.</summary>
internal readonly record struct NodeInput(byte[]? Packet, IPEndPoint? Source, Action? Command);
