namespace SwarmNet.Dns;

/// <summary>RCODE (RFC 1035 §4.1.1).</summary>
public enum DnsResponseCode
{
    /// <summary>NOERROR.</summary>
    NoError = 0,

    /// <summary>FORMERR.</summary>
    FormatError = 1,

    /// <summary>SERVFAIL.</summary>
    ServerFailure = 2,

    /// <summary>NXDOMAIN.</summary>
    NameError = 3,

    /// <summary>NOTIMP.</summary>
    NotImplemented = 4,

    /// <summary>REFUSED.</summary>
    Refused = 5,
}
