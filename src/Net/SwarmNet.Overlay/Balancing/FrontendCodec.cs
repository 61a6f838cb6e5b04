using SwarmNet.Netlink.NfTables;

namespace SwarmNet.Overlay.Balancing;

/// <summary>How one kind of frontend and target lies in nf_tables registers, and how rules find the frontend of a packet.</summary>
internal abstract class FrontendCodec
{
    /// <summary>Family of the table: IPv4 or IPv6.</summary>
    public virtual NfFamily Family => NfFamily.Ip;

    /// <summary>Type of a frontend's key.</summary>
    public abstract NfType Frontend { get; }

    /// <summary>Type of a key of the slot map: the frontend's parts and the slot number.</summary>
    public abstract NfType Slot { get; }

    /// <summary>Type of a frontend and a client's address.</summary>
    public abstract NfType Client { get; }

    /// <summary>Type of a target.</summary>
    public abstract NfType Target { get; }

    /// <summary>Type of a frontend and a target.</summary>
    public abstract NfType Pair { get; }

    /// <summary>Bytes of a frontend's key; the slot number follows in 4 bytes, host order, as numgen produces it.</summary>
    public abstract int FrontendLength { get; }

    /// <summary>Bytes of a target.</summary>
    public abstract int TargetLength { get; }

    /// <summary>Ways in which a packet's frontend is found, each the start of the names of its chains.</summary>
    public abstract IReadOnlyList<string> Ways { get; }

    /// <summary>The way of a frontend, as an index into <see cref="Ways"/>.</summary>
    public abstract int WayOf(ulong frontend);

    /// <summary>Whether the frontends of a way are ranges, which lie in interval sets of their own.</summary>
    public virtual bool IsRange(int way) => false;

    /// <summary>Lengths of a frontend's parts, needed where there are ranges.</summary>
    public virtual IReadOnlyList<int> FrontendParts => [];

    /// <summary>Lengths of a target's parts.</summary>
    public virtual IReadOnlyList<int> TargetParts => [];

    /// <summary>The register behind a key that begins in <see cref="NfRegister.R0"/>.</summary>
    public NfRegister BehindKey => NfRegister.R0 + (uint)(FrontendLength / 4);

    /// <summary>Loads the packet's frontend into the registers from <see cref="NfRegister.R0"/> on. The rule ends where there is none.</summary>
    public abstract NfRule Load(NfRule rule, int way);

    /// <summary>Loads the client's address.</summary>
    public NfRule LoadSource(NfRule rule, NfRegister to) => Family == NfFamily.Ip6 ? rule.Ipv6Source(to) : rule.Ipv4Source(to);

    /// <summary>Bytes of a client's address.</summary>
    public int SourceLength => Family == NfFamily.Ip6 ? 16 : 4;

    /// <summary>Loads the frontend that the first packet of a flow had before it was translated.</summary>
    public abstract NfRule LoadOriginal(NfRule rule, int way);

    /// <summary>Loads the target that a packet has been translated to.</summary>
    public abstract NfRule LoadTarget(NfRule rule, NfRegister to);

    /// <summary>Translates the packet to the target in registers.</summary>
    public abstract NfRule Translate(NfRule rule, NfRegister target, int way);

    /// <summary>Encodes a frontend; of a range its first key.</summary>
    public abstract void WriteFrontend(ulong frontend, Span<byte> to);

    /// <summary>Encodes the last key of a range.</summary>
    public virtual void WriteLast(ulong frontend, Span<byte> to) => WriteFrontend(frontend, to);

    /// <summary>Decodes a frontend; of a range from its first and last key, else both are the same.</summary>
    public abstract ulong ReadFrontend(ReadOnlySpan<byte> first, ReadOnlySpan<byte> last);

    /// <summary>Whether a key, which is no range, belongs to a frontend.</summary>
    public virtual bool Covers(ulong frontend, ReadOnlySpan<byte> key) => ReadFrontend(key, key) == frontend;

    /// <summary>Encodes a target.</summary>
    public abstract void WriteTarget(ulong target, Span<byte> to);

    /// <summary>Decodes a target.</summary>
    public abstract ulong ReadTarget(ReadOnlySpan<byte> from);
}
