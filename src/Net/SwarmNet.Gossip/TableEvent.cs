namespace SwarmNet.Gossip;

/// <summary>A change of a table made by another node.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="NetworkId">The network whose table it is; empty for a resync.</param>
/// <param name="Table">The table.</param>
/// <param name="Key">The entry's key.</param>
/// <param name="Value">The new value; the last one for a delete.</param>
/// <param name="OwnerNode">The member that wrote it.</param>
public readonly record struct TableEvent(
    TableEventKind Kind, string NetworkId, string Table, string Key, ReadOnlyMemory<byte> Value, string OwnerNode);
