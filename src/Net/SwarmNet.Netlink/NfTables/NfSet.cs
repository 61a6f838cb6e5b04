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

    /// <summary>Life of an element without one of its own; needs <see cref="NfSetFlags.Timeout"/>. Zero = for ever.</summary>
    public TimeSpan Timeout { get; init; }

    /// <summary>The kind of objects that the map holds; implies <see cref="NfSetFlags.Object"/>. Null = none.</summary>
    public NfObjectType? Object { get; init; }

    /// <summary>
    /// What each new element gets a copy of: a counter, limit, quota, connection limit. In sets that rules fill (<see cref="NfSetFlags.Eval"/>)
    /// the rule must carry the same.
    /// </summary>
    public IReadOnlyList<NfExpression> Expressions { get; init; } = [];

    /// <summary>At most 127 bytes of UTF-8, shown by nft(8); null = none.</summary>
    public string? Comment { get; init; }

    /// <summary>Lengths of the key's parts in bytes: for intervals over a concatenation (NFTA_SET_DESC_CONCAT); implies <see cref="NfSetFlags.Concat"/>.</summary>
    public IReadOnlyList<int> ConcatLengths { get; init; } = [];

    /// <summary>All flags, those included that other properties imply.</summary>
    internal NfSetFlags EffectiveFlags => Flags
        | (Data is null ? NfSetFlags.None : NfSetFlags.Map)
        | (Object is null ? NfSetFlags.None : NfSetFlags.Object)
        | (ConcatLengths.Count > 0 ? NfSetFlags.Concat : NfSetFlags.None)
        | (Expressions.Count > 1 ? NfSetFlags.Expression : NfSetFlags.None);

    /// <inheritdoc/>
    public bool Equals(NfSet? other) => other is not null
        && (Name, Key, Data, EffectiveFlags, Size, Timeout, Object, Comment) == (other.Name, other.Key, other.Data, other.EffectiveFlags, other.Size, other.Timeout, other.Object, other.Comment)
        && Expressions.SequenceEqual(other.Expressions) && ConcatLengths.SequenceEqual(other.ConcatLengths);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Key, Data, EffectiveFlags);
}
