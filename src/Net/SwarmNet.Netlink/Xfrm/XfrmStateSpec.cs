using System.Net;

namespace SwarmNet.Netlink.Xfrm;

/// <summary>A security association (RFC 4301), to be set or as listed. It has no lifetime limits: whoever makes it removes it.</summary>
public sealed record XfrmStateSpec
{
    /// <summary>IPPROTO_ESP.</summary>
    public const byte Esp = 50;

    /// <summary>Largest <see cref="ReplayWindow"/> without <see cref="ExtendedSequence"/>, in packets.</summary>
    public const int MaxReplayWindow = 32;

    /// <summary>Largest <see cref="ReplayWindow"/> with <see cref="ExtendedSequence"/>: what fits the 4,096 bytes of XFRMA_REPLAY_ESN_MAX.</summary>
    public const int MaxExtendedReplayWindow = (XfrmConstants.XFRMA_REPLAY_ESN_MAX - 24) * 8;

    /// <summary>Source of the protected packets.</summary>
    public required IPAddress Source { get; init; }

    /// <summary>Destination of the protected packets, of the same family.</summary>
    public required IPAddress Destination { get; init; }

    /// <summary>Security parameter index, in host order; below 256 is reserved (RFC 4303 §2.1).</summary>
    public required uint Spi { get; init; }

    /// <summary>50 = ESP.</summary>
    public byte Protocol { get; init; } = Esp;

    /// <summary>Transport or tunnel.</summary>
    public XfrmMode Mode { get; init; }

    /// <summary>Ties states and templates together; 0 = none.</summary>
    public uint RequestId { get; init; }

    /// <summary>Packets must carry this mark to find the state; null = any.</summary>
    public XfrmMark? Mark { get; init; }

    /// <summary>Cipher and key.</summary>
    public required XfrmAead Aead { get; init; }

    /// <summary>
    /// Replay window in packets; 0 = no replay check. At most <see cref="MaxReplayWindow"/> or <see cref="MaxExtendedReplayWindow"/>.
    /// </summary>
    public int ReplayWindow { get; init; }

    /// <summary>64-bit sequence numbers (RFC 4303 §2.2.1); both ends must agree, and the kernel wants a <see cref="ReplayWindow"/> then.</summary>
    public bool ExtendedSequence { get; init; }

    /// <summary>Packets inside that are accepted; null = those between <see cref="Source"/> and <see cref="Destination"/> (transport) or all.</summary>
    public XfrmSelector? Selector { get; init; }

    /// <summary>What names this state.</summary>
    public XfrmStateId Id => new(Destination, Spi, Protocol, Mark);
}
