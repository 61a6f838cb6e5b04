using SwarmNet.Netlink.NfTables;

namespace SwarmNet.Overlay.Balancing;

/// <summary>How one kind of frontend and target lies in nf_tables registers.</summary>
internal abstract class FrontendCodec
{
    /// <summary>Type of a frontend's key.</summary>
    public abstract NfType Frontend { get; }

    /// <summary>Type of a key of the slot map: the frontend's parts and the slot number.</summary>
    public abstract NfType Slot { get; }

    /// <summary>Type of a target.</summary>
    public abstract NfType Target { get; }

    /// <summary>Type of a frontend and a target.</summary>
    public abstract NfType Pair { get; }

    /// <summary>Bytes of a frontend's key; the slot number follows in 4 bytes, host order, as numgen produces it.</summary>
    public abstract int FrontendLength { get; }

    /// <summary>Bytes of a target.</summary>
    public abstract int TargetLength { get; }

    /// <summary>Encodes a frontend.</summary>
    public abstract void WriteFrontend(ulong frontend, Span<byte> to);

    /// <summary>Decodes a frontend.</summary>
    public abstract ulong ReadFrontend(ReadOnlySpan<byte> from);

    /// <summary>Encodes a target.</summary>
    public abstract void WriteTarget(ulong target, Span<byte> to);

    /// <summary>Decodes a target.</summary>
    public abstract ulong ReadTarget(ReadOnlySpan<byte> from);
}
