namespace SwarmNet.Netlink.Route;

/// <summary>
/// Changes of links, addresses, routes, rules and neighbours, sent together by <see cref="Rtnetlink.Execute"/>. They are not a
/// transaction: each takes effect on its own, in order. Reusable after <see cref="NetlinkBatch.Clear"/>, not thread-safe.
/// </summary>
public sealed partial class RtnetlinkBatch : NetlinkBatch
{
    /// <summary>Creates an empty batch with room for <paramref name="capacityBytes"/> before the first growth.</summary>
    public RtnetlinkBatch(int capacityBytes = 4096)
        : base(capacityBytes, RouteSchema.Of)
    {
    }
}
