namespace SwarmNet.Dns;

/// <summary>What carried a query; decides how long the answer may be.</summary>
public enum DnsTransport
{
    /// <summary>512 bytes, or what the client's EDNS record says.</summary>
    Udp,

    /// <summary>65,535 bytes.</summary>
    Tcp,
}
