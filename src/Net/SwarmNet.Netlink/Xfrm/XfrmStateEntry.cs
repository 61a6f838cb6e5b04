using System.Diagnostics.CodeAnalysis;

namespace SwarmNet.Netlink.Xfrm;

/// <summary>A state as listed: its settings and what passed through it.</summary>
public sealed record XfrmStateEntry
{
    /// <summary>The settings.</summary>
    public required XfrmStateSpec Spec { get; init; }

    /// <summary>Bytes protected or verified so far.</summary>
    public ulong Bytes { get; init; }

    /// <summary>Packets protected or verified so far.</summary>
    public ulong Packets { get; init; }

    /// <summary>Packets dropped as replayed.</summary>
    public uint Replayed { get; init; }

    /// <summary>Packets dropped since their integrity check value was wrong.</summary>
    public uint IntegrityFailures { get; init; }

    /// <summary>Reads an XFRM_MSG_NEWSA message; false when it is none, broken, or of a state without an authenticated cipher.</summary>
    public static bool TryParse(in NetlinkMessage message, [MaybeNullWhen(false)] out XfrmStateEntry entry) => XfrmCodec.TryParseState(message, out entry);
}
