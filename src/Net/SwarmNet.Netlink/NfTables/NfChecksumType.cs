namespace SwarmNet.Netlink.NfTables;

/// <summary>Kinds of checksums (NFT_PAYLOAD_CSUM_*).</summary>
public enum NfChecksumType : uint
{
    /// <summary>None covers the bytes.</summary>
    None = 0,

    /// <summary>The Internet checksum of IPv4, TCP, UDP, ICMP.</summary>
    Internet = 1,

    /// <summary>The CRC of SCTP.</summary>
    Sctp = 2,
}
