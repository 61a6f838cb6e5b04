namespace SwarmNet.Gossip;

/// <summary>An entry of a table.</summary>
/// <param name="Key">Unique in network and table.</param>
/// <param name="Value">What its owner wrote.</param>
/// <param name="OwnerNode">The member that wrote it.</param>
public sealed record TableEntry(string Key, ReadOnlyMemory<byte> Value, string OwnerNode);
