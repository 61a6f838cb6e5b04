namespace SwarmNet.Netlink.NfTables;

/// <summary>What a route look-up is made with (NFTA_FIB_F_*).</summary>
[Flags]
public enum NfFibFlags : uint
{
    /// <summary>The source address.</summary>
    SourceAddress = 1,

    /// <summary>The destination address.</summary>
    DestinationAddress = 2,

    /// <summary>The packet mark.</summary>
    Mark = 4,

    /// <summary>Only routes of the incoming interface.</summary>
    InInterface = 8,

    /// <summary>Only routes of the outgoing interface.</summary>
    OutInterface = 0x10,

    /// <summary>Only whether there is a route: the result is 1 or 0, 4 bytes in host order.</summary>
    Present = 0x20,
}
