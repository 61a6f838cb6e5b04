using System.Net;

namespace SwarmNet.Netlink.Xfrm;

/// <summary>Which packets are meant (<c>struct xfrm_selector</c>). Both networks are of one family; <c>0.0.0.0/0</c> or <c>::/0</c> = all.</summary>
public sealed record XfrmSelector
{
    /// <summary>Source addresses.</summary>
    public required IPNetwork Source { get; init; }

    /// <summary>Destination addresses.</summary>
    public required IPNetwork Destination { get; init; }

    /// <summary>IP protocol number; 0 = all.</summary>
    public byte Protocol { get; init; }

    /// <summary>Source port; null = all.</summary>
    public ushort? SourcePort { get; init; }

    /// <summary>Destination port; null = all.</summary>
    public ushort? DestinationPort { get; init; }

    /// <summary>Interface index; 0 = all.</summary>
    public int Link { get; init; }
}
