namespace SwarmNet.Gossip;

/// <summary>An entry of a table.</summary>
/// <param name="Key">Unique in network and table.</param>
/// <param name="Value">What its owner wrote.</param>
/// <param name="OwnerNode">The member that wrote it.</param>
/// <param name="LamportTime">Orders it among all entries: what was written after another entry was seen has a larger one.</param>
public sealed record TableEntry(string Key, ReadOnlyMemory<byte> Value, string OwnerNode, ulong LamportTime);
