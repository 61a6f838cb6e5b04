namespace SwarmNet.Manager.AtRest;

/// <summary>What came of reading a manager's key file.</summary>
internal enum KeyFileStatus
{
    /// <summary>The keys are known.</summary>
    Open,

    /// <summary>It is sealed, and no unlock key was given.</summary>
    Locked,

    /// <summary>It is whole, and sealed with another unlock key.</summary>
    WrongKey,

    /// <summary>It is cut short, changed, or no such file at all.</summary>
    Damaged,

    /// <summary>It is whole, in a format that this version does not read.</summary>
    OtherVersion,
}
