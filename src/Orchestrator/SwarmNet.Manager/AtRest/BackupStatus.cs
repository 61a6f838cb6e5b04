namespace SwarmNet.Manager.AtRest;

/// <summary>What came of reading a backup.</summary>
public enum BackupStatus
{
    /// <summary>It is whole and open.</summary>
    Open,

    /// <summary>It does not begin as a backup does.</summary>
    NoBackup,

    /// <summary>It is whole as far as can be told, in a format that this version does not read.</summary>
    OtherVersion,

    /// <summary>Its end is missing.</summary>
    Truncated,

    /// <summary>Something in it was changed.</summary>
    Damaged,

    /// <summary>It is sealed, and no unlock key was given.</summary>
    Locked,

    /// <summary>It is sealed with another unlock key.</summary>
    WrongKey,
}
