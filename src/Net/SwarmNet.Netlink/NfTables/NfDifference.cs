namespace SwarmNet.Netlink.NfTables;

/// <summary>One difference between a table and the wanted one.</summary>
/// <param name="Object">What differs.</param>
/// <param name="Name">Its name; of rules that of their chain, of an element that of its set.</param>
/// <param name="Kind">How.</param>
public readonly record struct NfDifference(NfObjectKind Object, string Name, NfDifferenceKind Kind)
{
    /// <summary>The element that is missing or unexpected.</summary>
    public NfElement? Element { get; init; }

    /// <summary>For messages.</summary>
    public override string ToString() => Element is { } element
        ? $"{Kind} element {Convert.ToHexStringLower(element.Key.Span)} of {Name}"
        : $"{Kind} {Object} {Name}";
}
