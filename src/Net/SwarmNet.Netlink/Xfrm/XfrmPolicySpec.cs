using System.Diagnostics.CodeAnalysis;

namespace SwarmNet.Netlink.Xfrm;

/// <summary>A policy: packets that match it are protected as its templates say, or blocked. To be set or as listed.</summary>
public sealed record XfrmPolicySpec
{
    /// <summary>At most so many templates (XFRM_MAX_DEPTH).</summary>
    public const int MaxTemplates = 6;

    private readonly XfrmTemplate[] _templates = [];

    /// <summary>Which packets it sees.</summary>
    public required XfrmDirection Direction { get; init; }

    /// <summary>Which packets are meant.</summary>
    public required XfrmSelector Selector { get; init; }

    /// <summary>Packets must carry this mark; null = any.</summary>
    public XfrmMark? Mark { get; init; }

    /// <summary>The lower, the earlier it is tried.</summary>
    public uint Priority { get; init; }

    /// <summary>Drop the packets rather than protect them.</summary>
    public bool Block { get; init; }

    /// <summary>How packets are protected, from the inside out; none = let them pass as they are.</summary>
    public IReadOnlyList<XfrmTemplate> Templates
    {
        get => _templates;
        init => _templates = [.. value];
    }

    internal ReadOnlySpan<XfrmTemplate> TemplateSpan => _templates;

    /// <summary>Reads an XFRM_MSG_NEWPOLICY message; false when it is none or broken.</summary>
    public static bool TryParse(in NetlinkMessage message, [MaybeNullWhen(false)] out XfrmPolicySpec policy) => XfrmCodec.TryParsePolicy(message, out policy);

    /// <inheritdoc/>
    public bool Equals(XfrmPolicySpec? other) =>
        other is not null && Direction == other.Direction && Selector == other.Selector && Mark == other.Mark && Priority == other.Priority
        && Block == other.Block && TemplateSpan.SequenceEqual(other.TemplateSpan);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Direction, Selector, Mark, Priority, Block, _templates.Length);
}
