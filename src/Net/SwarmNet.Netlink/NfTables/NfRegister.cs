namespace SwarmNet.Netlink.NfTables;

/// <summary>
/// Registers of the rule machine (<c>linux/netfilter/nf_tables.h</c> NFT_REG*). The sixteen 4-byte registers lie in the same 64
/// bytes as the four of 16 bytes: <see cref="R0"/> is the start of what nft(8) prints as "reg 1".
/// </summary>
public enum NfRegister : uint
{
    /// <summary>The verdict register.</summary>
    Verdict = 0,

    /// <summary>The first 16 bytes, as old kernels name them.</summary>
    Reg1 = 1,

    /// <summary>Bytes 16 to 31.</summary>
    Reg2 = 2,

    /// <summary>Bytes 32 to 47.</summary>
    Reg3 = 3,

    /// <summary>Bytes 48 to 63.</summary>
    Reg4 = 4,

    /// <summary>Bytes 0 to 3.</summary>
    R0 = 8,

    /// <summary>Bytes 4 to 7.</summary>
    R1 = 9,

    /// <summary>Bytes 8 to 11.</summary>
    R2 = 10,

    /// <summary>Bytes 12 to 15.</summary>
    R3 = 11,

    /// <summary>Bytes 16 to 19.</summary>
    R4 = 12,

    /// <summary>Bytes 20 to 23.</summary>
    R5 = 13,

    /// <summary>Bytes 24 to 27.</summary>
    R6 = 14,

    /// <summary>Bytes 28 to 31.</summary>
    R7 = 15,

    /// <summary>Bytes 32 to 35.</summary>
    R8 = 16,

    /// <summary>Bytes 36 to 39.</summary>
    R9 = 17,

    /// <summary>Bytes 40 to 43.</summary>
    R10 = 18,

    /// <summary>Bytes 44 to 47.</summary>
    R11 = 19,

    /// <summary>Bytes 48 to 51.</summary>
    R12 = 20,

    /// <summary>Bytes 52 to 55.</summary>
    R13 = 21,

    /// <summary>Bytes 56 to 59.</summary>
    R14 = 22,

    /// <summary>Bytes 60 to 63.</summary>
    R15 = 23,
}
