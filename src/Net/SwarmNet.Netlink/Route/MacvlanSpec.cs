using static SwarmNet.Netlink.Route.RouteConstants;

namespace SwarmNet.Netlink.Route;

/// <summary>A link with an Ethernet address of its own on top of another one.</summary>
public sealed record MacvlanSpec : LinkSpec
{
    /// <summary>Index of the underlying link, in the namespace of the netlink socket.</summary>
    public required int Link { get; init; }

    /// <summary>Who talks to whom.</summary>
    public MacvlanMode Mode { get; init; } = MacvlanMode.Bridge;

    /// <inheritdoc/>
    public override string Kind => "macvlan";

    internal override int LowerLink => Link;

    internal override void WriteData(NetlinkWriter writer, bool create) => writer.Put(IFLA_MACVLAN_MODE, (uint)Mode);
}
