namespace SwarmNet.Netlink.NfTables;

/// <summary>An element with everything that it may carry; what is left out is not sent.</summary>
public ref struct NfElementSpec
{
    /// <summary>The key, or the first one of a range. Empty only with <see cref="CatchAll"/>.</summary>
    public ReadOnlySpan<byte> Key { get; set; }

    /// <summary>The last key, itself inside, of a range over a concatenation (<see cref="NfSetFlags.Concat"/>).</summary>
    public ReadOnlySpan<byte> KeyEnd { get; set; }

    /// <summary>Stands for every key that is not there (kernel 5.13 and later).</summary>
    public bool CatchAll { get; set; }

    /// <summary>Ends the range before it, itself outside (interval sets of one part).</summary>
    public bool IntervalEnd { get; set; }

    /// <summary>What the map holds.</summary>
    public ReadOnlySpan<byte> Data { get; set; }

    /// <summary>The verdict that a verdict map holds.</summary>
    public NfVerdict? Verdict { get; set; }

    /// <summary>Where that verdict jumps to.</summary>
    public string? Chain { get; set; }

    /// <summary>Name of the object that an object map holds.</summary>
    public string? Object { get; set; }

    /// <summary>Life in milliseconds; 0 = the set's default.</summary>
    public ulong TimeoutMs { get; set; }

    /// <summary>What is left of it in milliseconds, for restoring an element; 0 = all.</summary>
    public ulong ExpirationMs { get; set; }

    /// <summary>At most 127 bytes of UTF-8, shown by nft(8).</summary>
    public string? Comment { get; set; }

    /// <summary>What is counted or limited, where the set's own (<see cref="NfSet.Expressions"/>) is not to be copied.</summary>
    public ReadOnlySpan<NfExpression> Expressions { get; set; }
}
