namespace SwarmNet.Netlink.NfTables;

/// <summary>Kinds of named objects (NFT_OBJECT_*).</summary>
public enum NfObjectType : uint
{
    /// <summary>Counts packets and bytes.</summary>
    Counter = 1,

    /// <summary>A number of bytes that may pass.</summary>
    Quota = 2,

    /// <summary>A rate.</summary>
    Limit = 4,

    /// <summary>A number of flows.</summary>
    ConnectionLimit = 5,

    /// <summary>How long connection tracking keeps idle flows.</summary>
    CtTimeout = 7,
}
