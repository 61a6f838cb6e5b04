namespace SwarmNet.Netlink.NfTables;

/// <summary>Header that payload offsets count from (NFT_PAYLOAD_*).</summary>
public enum NfPayloadBase : uint
{
    /// <summary>Link layer (Ethernet).</summary>
    LinkLayer = 0,

    /// <summary>Network layer (IP).</summary>
    Network = 1,

    /// <summary>Transport layer (TCP, UDP).</summary>
    Transport = 2,
}
