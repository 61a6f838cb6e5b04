namespace SwarmNet.Dns;

/// <summary>What became of received bytes.</summary>
public enum DnsQueryStatus
{
    /// <summary>A query.</summary>
    Ok,

    /// <summary>To be dropped in silence: too short, or not a query.</summary>
    Ignore,

    /// <summary>To be answered FORMERR.</summary>
    FormatError,

    /// <summary>To be answered NOTIMP: another opcode than QUERY.</summary>
    NotImplemented,
}
