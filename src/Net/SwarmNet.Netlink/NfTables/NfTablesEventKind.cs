namespace SwarmNet.Netlink.NfTables;

/// <summary>What a notification says.</summary>
public enum NfTablesEventKind
{
    /// <summary>An object is there now, new or changed.</summary>
    Set,

    /// <summary>An object is gone.</summary>
    Removed,

    /// <summary>A transaction is complete: what came before belongs to it.</summary>
    Committed,

    /// <summary>Notifications were lost: read everything again.</summary>
    Overrun,
}
