namespace SwarmNet.Netlink.NfTables;

/// <summary>How a table differs from the wanted one.</summary>
public enum NfDifferenceKind
{
    /// <summary>Wanted and not there.</summary>
    Missing,

    /// <summary>There and not wanted.</summary>
    Unexpected,

    /// <summary>There and different.</summary>
    Changed,
}
