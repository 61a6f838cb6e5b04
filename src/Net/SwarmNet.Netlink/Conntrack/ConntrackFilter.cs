using System.Net;

namespace SwarmNet.Netlink.Conntrack;

/// <summary>Which flows are meant; null = any.</summary>
public readonly record struct ConntrackFilter
{
    /// <summary>IP protocol number.</summary>
    public byte? Protocol { get; init; }

    /// <summary>Where the client sent to, before translation (a virtual address).</summary>
    public IPAddress? OriginalDestination { get; init; }

    /// <summary>Port that the client sent to.</summary>
    public ushort? OriginalDestinationPort { get; init; }

    /// <summary>Who answers (the backend).</summary>
    public IPAddress? ReplySource { get; init; }

    /// <summary>Port that answers.</summary>
    public ushort? ReplySourcePort { get; init; }

    /// <summary>Status bits that must be 0, for example 0x30 = neither end is translated.</summary>
    public uint StatusClear { get; init; }

    /// <summary>Whether the flow is meant.</summary>
    public bool Matches(in ConntrackFlow flow) =>
        (flow.Status & StatusClear) == 0
        && (Protocol is null || Protocol == flow.Original.Protocol)
        && (OriginalDestination is null || OriginalDestination.Equals(flow.Original.Destination))
        && (OriginalDestinationPort is null || OriginalDestinationPort == flow.Original.DestinationPort)
        && (ReplySource is null || ReplySource.Equals(flow.Reply.Source))
        && (ReplySourcePort is null || ReplySourcePort == flow.Reply.SourcePort);
}
