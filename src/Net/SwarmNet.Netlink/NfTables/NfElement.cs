namespace SwarmNet.Netlink.NfTables;

/// <summary>An element as the kernel lists it.</summary>
/// <param name="Key">The key's bytes; parts of a concatenation padded to 4 bytes each.</param>
/// <param name="Data">What the map holds; empty for sets and verdict maps.</param>
/// <param name="Verdict">The verdict, of a verdict map.</param>
/// <param name="Chain">Where the verdict jumps to.</param>
public readonly record struct NfElement(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Data, NfVerdict? Verdict, string? Chain);
