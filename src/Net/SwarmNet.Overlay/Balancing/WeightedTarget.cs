namespace SwarmNet.Overlay.Balancing;

/// <summary>One place that traffic can be sent to, as the slot algorithm sees it: an opaque identity and a share.</summary>
/// <param name="Id">Identity; the component packs an address (and a port) into it. 0 is reserved for "no target".</param>
/// <param name="Weight">Share relative to the other targets; 0 = drained, takes no new flows.</param>
internal readonly record struct WeightedTarget(ulong Id, int Weight);
