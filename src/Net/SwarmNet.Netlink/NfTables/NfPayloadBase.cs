namespace SwarmNet.Netlink.NfTables;

/// <summary>Header that payload offsets count from (NFT_PAYLOAD_*).</summary>
public enum NfPayloadBase : uint
{
    /// <summary>Link layer (Ethernet).</summary>
    LinkLayer = 0,

    /// <summary>Network layer (IP).</summary>
    Network = 1,

    /// <summary>Transport layer (TCP, UDP); what follows is inside: a VXLAN header starts at 8 behind UDP's.</summary>
    Transport = 2,

    /// <summary>What the transport header carries (kernel 6.2 and later).</summary>
    Inner = 3,
}
