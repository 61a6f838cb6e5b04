namespace SwarmNet.Netlink.NfTables;

/// <summary>How a write into the packet keeps a checksum right.</summary>
/// <param name="Type">Kind of the checksum.</param>
/// <param name="Offset">Where it lies, from the start of the header that is written to.</param>
/// <param name="PseudoHeader">The bytes are part of the transport checksum's pseudo-header too: addresses.</param>
public readonly record struct NfChecksum(NfChecksumType Type, int Offset, bool PseudoHeader = false)
{
    /// <summary>The IPv4 header's, for its addresses.</summary>
    public static NfChecksum Ipv4Address => new(NfChecksumType.Internet, 10, PseudoHeader: true);

    /// <summary>The IPv4 header's, for what is not an address.</summary>
    public static NfChecksum Ipv4 => new(NfChecksumType.Internet, 10);

    /// <summary>TCP's.</summary>
    public static NfChecksum Tcp => new(NfChecksumType.Internet, 16);

    /// <summary>UDP's.</summary>
    public static NfChecksum Udp => new(NfChecksumType.Internet, 6);
}
