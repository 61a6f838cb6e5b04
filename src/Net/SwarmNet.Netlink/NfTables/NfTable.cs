namespace SwarmNet.Netlink.NfTables;

/// <summary>Names a table: tables of different families may share a name.</summary>
/// <param name="Family">The table's family.</param>
/// <param name="Name">At most 255 ASCII characters.</param>
public readonly record struct NfTable(NfFamily Family, string Name);
