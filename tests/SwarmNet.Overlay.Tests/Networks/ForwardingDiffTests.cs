using System.Net;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Overlay.Networks;

public sealed class ForwardingDiffTests
{
    private const uint LocalVtep = 0x0a630001;
    private static readonly HashSet<uint> NoEndpoints = [];
    private static readonly MacAddress _mac = MacAddress.Parse("02:42:0a:14:01:05");

    [Test]
    public void A_new_peer_gets_its_path_before_its_address_is_answered()
    {
        List<ForwardingChange> changes = ForwardingDiff.Compute(new(), State(Peer(5, 2)));
        Assert.That(changes, Is.EqualTo(new[]
        {
            new ForwardingChange(ForwardingTable.Port, true, 0, _mac, 0),
            new ForwardingChange(ForwardingTable.Tunnel, true, 0, _mac, 0x0a630002),
            new ForwardingChange(ForwardingTable.Neighbour, true, 0x0a140105, _mac, 0),
        }));
    }

    [Test]
    public void A_peer_that_moved_changes_its_tunnel_only()
    {
        List<ForwardingChange> changes = ForwardingDiff.Compute(State(Peer(5, 2)), State(Peer(5, 3)));
        Assert.That(changes, Is.EqualTo(new[]
        {
            new ForwardingChange(ForwardingTable.Tunnel, false, 0, _mac, 0x0a630002),
            new ForwardingChange(ForwardingTable.Tunnel, true, 0, _mac, 0x0a630003),
        }));
    }

    [Test]
    public void The_same_peers_change_nothing()
        => Assert.That(ForwardingDiff.Compute(State(Peer(5, 2), Peer(6, 3)), State(Peer(6, 3), Peer(5, 2))), Is.Empty);

    [Test]
    public void Peers_of_this_host_and_addresses_of_local_endpoints_are_left_out()
    {
        var state = ForwardingState.Of([Peer(5, 1), Peer(6, 2), Peer(7, 2)], LocalVtep, new HashSet<uint> { 0x0a140106 });
        Assert.That(state.Neighbours.Keys, Is.EqualTo(new[] { 0x0a140107u }));
    }

    [Test]
    public void Of_two_peers_with_one_address_the_first_counts()
        => Assert.That(State(Peer(5, 2), Peer(5, 3)).Tunnels.Values, Is.EqualTo(new[] { 0x0a630002u }));

    private static ForwardingState State(params OverlayPeer[] peers) => ForwardingState.Of(peers, LocalVtep, NoEndpoints);

    private static OverlayPeer Peer(byte host, byte vtep)
        => new(new IPAddress(new byte[] { 10, 20, 1, host }), new IPAddress(new byte[] { 10, 99, 0, vtep }));
}
