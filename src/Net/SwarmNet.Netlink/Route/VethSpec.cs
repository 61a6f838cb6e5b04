using static SwarmNet.Netlink.Route.RouteConstants;

namespace SwarmNet.Netlink.Route;

/// <summary>A pair of links; each end can be born in a namespace of its own. <see cref="LinkSpec.Master"/> acts on this end only.</summary>
public sealed record VethSpec : LinkSpec
{
    /// <summary>The other end: born down, since the kernel refuses to open an end that has no peer yet.</summary>
    public required VethPeer Peer { get; init; }

    /// <inheritdoc/>
    public override string Kind => "veth";

    internal override void WriteData(NetlinkWriter writer, bool create)
    {
        int peer = writer.BeginNested(VETH_INFO_PEER);
        writer.Append(new ifinfomsg { ifi_index = Peer.Index });
        LinkMessages.WriteCommon(writer, Peer.Name, Peer.Mtu, Peer.Address, Peer.Group, Peer.Namespace, Peer.TxQueueLength, Peer.Queues);
        writer.EndNested(peer);
    }
}
