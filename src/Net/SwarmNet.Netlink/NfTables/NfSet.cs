namespace SwarmNet.Netlink.NfTables;

/// <summary>A set or map to be made.</summary>
public sealed record NfSet
{
    /// <summary>Name, unique in its table; for anonymous sets a pattern such as <c>__map%d</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Type of the keys.</summary>
    public required NfType Key { get; init; }

    /// <summary>Type of the data; null = a set without data. Implies <see cref="NfSetFlags.Map"/>.</summary>
    public NfType? Data { get; init; }

    /// <summary>Properties.</summary>
    public NfSetFlags Flags { get; init; }

    /// <summary>
    /// Number by which rules and elements of the same transaction name the set; needed for anonymous sets, 0 = by name only.
    /// </summary>
    public uint Id { get; init; }

    /// <summary>Most elements it may hold; 0 = no limit.</summary>
    public int Size { get; init; }

    /// <summary>Lengths of the key's parts in bytes: for intervals over a concatenation (NFTA_SET_DESC_CONCAT).</summary>
    public IReadOnlyList<int> ConcatLengths { get; init; } = [];
}
