using System.Net;

namespace SwarmNet.Netlink.Conntrack;

/// <summary>Which flows are meant; null = any.</summary>
public readonly record struct ConntrackFilter
{
    /// <summary>IP protocol number.</summary>
    public byte? Protocol { get; init; }

    /// <summary>Who opened the flow.</summary>
    public IPAddress? OriginalSource { get; init; }

    /// <summary>Where the client sent to, before translation (a virtual address).</summary>
    public IPAddress? OriginalDestination { get; init; }

    /// <summary>Port that the client sent to.</summary>
    public ushort? OriginalDestinationPort { get; init; }

    /// <summary>Who answers (the backend).</summary>
    public IPAddress? ReplySource { get; init; }

    /// <summary>Port that answers.</summary>
    public ushort? ReplySourcePort { get; init; }

    /// <summary>The flow's mark, in the bits of <see cref="MarkMask"/>.</summary>
    public uint? Mark { get; init; }

    /// <summary>Bits of the mark that are compared; null = all.</summary>
    public uint? MarkMask { get; init; }

    /// <summary>The flow's zone.</summary>
    public ushort? Zone { get; init; }

    /// <summary>Status bits that must be 1, for example 0x20 = the destination is translated.</summary>
    public uint StatusSet { get; init; }

    /// <summary>Status bits that must be 0, for example 0x30 = neither end is translated.</summary>
    public uint StatusClear { get; init; }

    /// <summary>Whether the flow is meant.</summary>
    public bool Matches(in ConntrackFlow flow) =>
        MatchesState(flow.Status, flow.Mark, flow.Zone)
        && (Protocol is null || Protocol == flow.Original.Protocol)
        && (OriginalSource is null || OriginalSource.Equals(flow.Original.Source))
        && (OriginalDestination is null || OriginalDestination.Equals(flow.Original.Destination))
        && (OriginalDestinationPort is null || OriginalDestinationPort == flow.Original.DestinationPort)
        && (ReplySource is null || ReplySource.Equals(flow.Reply.Source))
        && (ReplySourcePort is null || ReplySourcePort == flow.Reply.SourcePort);

    /// <summary>Whether the flow is meant; allocates nothing.</summary>
    public bool Matches(in ConntrackFlowView flow)
    {
        // The cheap ones first: a busy host lists hundreds of thousands of flows.
        ConntrackTupleView original = flow.Original;
        ConntrackTupleView reply = flow.Reply;
        return (Protocol is null || Protocol == original.Protocol)
            && (OriginalDestinationPort is null || OriginalDestinationPort == original.DestinationPort)
            && (ReplySourcePort is null || ReplySourcePort == reply.SourcePort)
            && Is(OriginalDestination, original.Destination)
            && Is(ReplySource, reply.Source)
            && Is(OriginalSource, original.Source)
            && MatchesState(flow.Status, flow.Mark, flow.Zone);
    }

    private static bool Is(IPAddress? wanted, ReadOnlySpan<byte> address)
    {
        if (wanted is null)
        {
            return true;
        }

        Span<byte> bytes = stackalloc byte[16];
        return wanted.TryWriteBytes(bytes, out int length) && address.SequenceEqual(bytes[..length]);
    }

    private bool MatchesState(uint status, uint mark, ushort zone) =>
        (status & StatusClear) == 0
        && (status & StatusSet) == StatusSet
        && (Mark is null || ((mark ^ Mark) & (MarkMask ?? uint.MaxValue)) == 0)
        && (Zone is null || Zone == zone);
}
