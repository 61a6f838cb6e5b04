namespace SwarmNet.Cli.CommandLine;

/// <summary>How the text of a flag is checked and kept. The Go types that Docker's CLI (pflag) has for them.</summary>
internal enum FlagKind
{
    Text,
    Bool,
    Int,
    Int64,
    UInt,
    UInt32,
    Float,
    Duration,

    /// <summary>May be given several times; each value is kept whole.</summary>
    List,

    /// <summary>May be given several times; each value is also split at commas (pflag's StringSlice).</summary>
    Strings,

    /// <summary>May be given several times; each value is KEY or KEY=VALUE.</summary>
    Map,
}
