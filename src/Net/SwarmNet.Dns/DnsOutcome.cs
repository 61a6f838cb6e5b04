namespace SwarmNet.Dns;

/// <summary>What to do with a query.</summary>
public enum DnsOutcome
{
    /// <summary>Send the response that was written.</summary>
    Respond,

    /// <summary>Ask the upstream servers.</summary>
    Forward,

    /// <summary>Nothing.</summary>
    Ignore,
}
