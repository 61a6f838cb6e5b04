namespace SwarmNet.Dns;

/// <summary>Types of records that the resolver treats on its own (RFC 1035 §3.2.2, RFC 3596, RFC 6891).</summary>
public enum DnsType : ushort
{
    /// <summary>IPv4 address.</summary>
    A = 1,

    /// <summary>Name server.</summary>
    NS = 2,

    /// <summary>Start of authority.</summary>
    SOA = 6,

    /// <summary>Pointer to a name.</summary>
    PTR = 12,

    /// <summary>Mail exchange.</summary>
    MX = 15,

    /// <summary>Text.</summary>
    TXT = 16,

    /// <summary>IPv6 address.</summary>
    AAAA = 28,

    /// <summary>Service location.</summary>
    SRV = 33,

    /// <summary>EDNS pseudo record.</summary>
    OPT = 41,

    /// <summary>Any type (question only).</summary>
    Any = 255,
}
