namespace SwarmNet.Netlink.NfTables;

/// <summary>
/// A data type as nft(8) numbers it. The kernel only stores the number; with it the tool can print the elements.
/// Concatenations hold 6 bits per part and every part is padded to 4 bytes.
/// </summary>
/// <param name="Id">nft's number.</param>
/// <param name="Length">Bytes of a value in a register, padding included.</param>
public readonly record struct NfType(uint Id, int Length)
{
    private const uint MarkId = 19;
    private const uint InterfaceIndexId = 20;

    /// <summary>A number of <paramref name="length"/> bytes, big endian.</summary>
    public static NfType Integer(int length) => new(4, length);

    /// <summary>An IPv4 address, 4 bytes.</summary>
    public static NfType Ipv4Address => new(7, 4);

    /// <summary>An IPv6 address, 16 bytes.</summary>
    public static NfType Ipv6Address => new(8, 16);

    /// <summary>A MAC address, 6 bytes (8 inside a concatenation).</summary>
    public static NfType EtherAddress => new(9, 6);

    /// <summary>An IP protocol number, 1 byte (4 inside a concatenation).</summary>
    public static NfType InetProtocol => new(12, 1);

    /// <summary>A port, 2 bytes big endian (4 inside a concatenation).</summary>
    public static NfType InetService => new(13, 2);

    /// <summary>A 4-byte number in host order, printed as a packet mark.</summary>
    public static NfType Mark => new(MarkId, 4);

    /// <summary>Index of an interface, 4 bytes in host order.</summary>
    public static NfType InterfaceIndex => new(InterfaceIndexId, 4);

    /// <summary>Name of an interface, 16 bytes padded with NUL.</summary>
    public static NfType InterfaceName => new(41, 16);

    /// <summary>A verdict: the data type of verdict maps.</summary>
    public static NfType Verdict => new(0xffffff00, 16);

    /// <summary>Several values one after the other.</summary>
    public static NfType Concat(params ReadOnlySpan<NfType> parts)
    {
        uint id = 0;
        int length = 0;
        foreach (NfType part in parts)
        {
            id = (id << 6) | part.Id;
            length += Pad(part.Length);
        }

        return new NfType(id, length);
    }

    /// <summary>A single number in host order: nft(8) must be told, it prints sets in network order otherwise.</summary>
    internal bool IsHostOrder => Id is MarkId or InterfaceIndexId;

    internal static int Pad(int length) => (length + 3) & ~3;
}
