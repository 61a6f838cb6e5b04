namespace SwarmNet.Netlink.Xfrm;

/// <summary>A packet mark: matches when <c>(mark &amp; Mask) == Value</c>.</summary>
/// <param name="Value">The bits wanted.</param>
/// <param name="Mask">The bits that count.</param>
public readonly record struct XfrmMark(uint Value, uint Mask = uint.MaxValue);
