using System.Net;
using SwarmNet.Netlink.Route;
using SwarmNet.Testing;

namespace SwarmNet.Overlay.Networks;

public sealed class ForwardingDiffTests
{
    private static readonly IPAddress _localVtep = IPAddress.Parse("10.99.0.1");
    private static readonly HashSet<IPAddress> _noEndpoints = [];
    private static readonly MacAddress _mac = MacAddress.Parse("02:42:0a:14:01:05");

    [Test]
    public void A_new_peer_gets_its_path_before_its_address_is_answered()
        => Assert.That(ForwardingDiff.Compute(new(), State(Peer(5, 2))), Is.EqualTo(new[]
        {
            new ForwardingChange(ForwardingTable.Port, true, null, _mac, null),
            new ForwardingChange(ForwardingTable.Tunnel, true, null, _mac, Vtep(2)),
            new ForwardingChange(ForwardingTable.Neighbour, true, IPAddress.Parse("10.20.1.5"), _mac, null),
        }));

    [Test]
    public void A_peer_that_goes_stops_being_answered_before_its_path_goes()
        => Assert.That(ForwardingDiff.Compute(State(Peer(5, 2)), new()), Is.EqualTo(new[]
        {
            new ForwardingChange(ForwardingTable.Neighbour, false, IPAddress.Parse("10.20.1.5"), _mac, null),
            new ForwardingChange(ForwardingTable.Tunnel, false, null, _mac, Vtep(2)),
            new ForwardingChange(ForwardingTable.Port, false, null, _mac, null),
        }));

    [Test]
    public void A_peer_that_moved_replaces_its_tunnel_entry_and_nothing_else()
        => Assert.That(ForwardingDiff.Compute(State(Peer(5, 2)), State(Peer(5, 3))), Is.EqualTo(new[]
        {
            new ForwardingChange(ForwardingTable.Tunnel, true, null, _mac, Vtep(3)),
        }));

    [Test]
    public void The_same_peers_change_nothing_and_the_comparison_allocates_nothing()
    {
        ForwardingState current = State([.. Enumerable.Range(1, 250).Select(i => Peer((byte)i, 2))]);
        ForwardingState wanted = State([.. Enumerable.Range(1, 250).Reverse().Select(i => Peer((byte)i, 2))]);
        long least = long.MaxValue;
        for (int round = 0; round < 20; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            int changes = 0;
            for (int i = 0; i < 20; i++)
            {
                changes += ForwardingDiff.Compute(current, wanted).Count;
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.That(changes, Is.Zero);
        }

        Assert.That(least, Is.Zero);
    }

    [Test]
    public void Peers_of_this_host_and_addresses_of_local_endpoints_are_left_out()
    {
        var state = ForwardingState.Of([Peer(5, 1), Peer(6, 2), Peer(7, 2)], _localVtep, new HashSet<IPAddress> { IPAddress.Parse("10.20.1.6") });
        Assert.That(state.Neighbours.Keys, Is.EqualTo(new[] { IPAddress.Parse("10.20.1.7") }));
    }

    [Test]
    public void Of_peers_with_one_address_the_newest_generation_counts_in_any_order()
    {
        OverlayPeer[] peers = [Peer(5, 2, 7), Peer(5, 3, 9), Peer(5, 4, 8), Peer(5, 5, 9)];
        for (int i = 0; i < 30; i++)
        {
            TestContext.CurrentContext.Random.Shuffle(peers);
            Assert.That(State(peers).Tunnels.Values, Is.EqualTo(new[] { Vtep(3) }));
        }
    }

    [Test]
    public void An_endpoint_that_came_home_hides_its_older_announcement_elsewhere()
        => Assert.That(State(Peer(5, 2, 3), Peer(5, 1, 4)).Neighbours, Is.Empty, "the newest is this host's own");

    [Test]
    public void An_IPv6_peer_shares_the_path_of_its_IPv4_address()
    {
        var v6 = new OverlayPeer(IPAddress.Parse("fd00:1::5"), _mac, Vtep(2));
        Assert.That(ForwardingDiff.Compute(State(Peer(5, 2)), State(Peer(5, 2), v6)), Is.EqualTo(new[]
        {
            new ForwardingChange(ForwardingTable.Neighbour, true, v6.EndpointIp, _mac, null),
        }));
    }

    [Test]
    public void Applying_the_difference_of_any_two_states_gives_the_second()
    {
        var random = new Random(TestSeed.Next());
        for (int i = 0; i < 500; i++)
        {
            ForwardingState from = State(RandomPeers(random)), to = State(RandomPeers(random));
            IReadOnlyList<ForwardingChange> changes = ForwardingDiff.Compute(from, to);
            Apply(from, changes);
            Assert.Multiple(() =>
            {
                Assert.That(from.Neighbours, Is.EquivalentTo(to.Neighbours));
                Assert.That(from.Tunnels, Is.EquivalentTo(to.Tunnels));
                Assert.That(from.Ports, Is.EquivalentTo(to.Ports));
                Assert.That(ForwardingDiff.Compute(from, to), Is.Empty);
                Assert.That(changes, Is.Unique, "nothing is changed twice");
            });
        }
    }

    /// <summary>
    /// Endpoints move between hosts; each announcement has the generation of its move. A host hears announcements and withdrawals late, twice and in any order.
    /// Whatever it heard, an endpoint's newest announcement heard so far is in force; when it has heard all, the truth is.
    /// </summary>
    [Test]
    public void Late_and_repeated_events_never_bring_an_older_place_back()
    {
        var random = new Random(TestSeed.Next());
        for (int run = 0; run < 50; run++)
        {
            var events = new List<(OverlayPeer Peer, bool IsWithdrawn)>();
            var truth = new Dictionary<IPAddress, OverlayPeer>();
            for (ulong generation = 1; generation <= 40; generation++)
            {
                OverlayPeer peer = Peer((byte)random.Next(1, 6), (byte)random.Next(2, 6), generation);
                if (truth.Remove(peer.EndpointIp, out OverlayPeer? old))
                {
                    events.Add((old, true));
                }

                truth[peer.EndpointIp] = peer;
                events.Add((peer, false));
            }

            (OverlayPeer Peer, bool IsWithdrawn)[] heard = [.. events, .. random.GetItems(events.ToArray(), 40)];
            random.Shuffle(heard);
            var announced = new HashSet<OverlayPeer>();
            var withdrawn = new HashSet<OverlayPeer>();
            var newest = new Dictionary<IPAddress, ulong>();
            foreach ((OverlayPeer peer, bool isWithdrawn) in heard)
            {
                // What a table with tombstones does: a withdrawal is final for its announcement.
                (isWithdrawn ? withdrawn : announced).Add(peer);
                OverlayPeer[] known = [.. announced.Except(withdrawn)];
                random.Shuffle(known);
                ForwardingState state = State(known);
                foreach (IGrouping<IPAddress, OverlayPeer> endpoint in known.GroupBy(p => p.EndpointIp))
                {
                    OverlayPeer expected = endpoint.MaxBy(p => p.Generation)!;
                    Assert.That(state.Tunnels[expected.Mac], Is.EqualTo(expected.Vtep));
                }
            }

            Assert.That(State([.. announced.Except(withdrawn)]).Tunnels, Is.EquivalentTo(truth.Values.ToDictionary(p => p.Mac, p => p.Vtep)));
        }
    }

    private static void Apply(ForwardingState state, IReadOnlyList<ForwardingChange> changes)
    {
        foreach (ForwardingChange change in changes)
        {
            switch (change.Table, change.Add)
            {
                case (ForwardingTable.Neighbour, true):
                    state.Neighbours[change.Address!] = change.Mac;
                    break;
                case (ForwardingTable.Neighbour, false):
                    Assert.That(state.Neighbours.Remove(change.Address!), Is.True);
                    break;
                case (ForwardingTable.Tunnel, true):
                    state.Tunnels[change.Mac] = change.Vtep!;
                    break;
                case (ForwardingTable.Tunnel, false):
                    Assert.That(state.Tunnels.Remove(change.Mac), Is.True);
                    break;
                case (_, true):
                    Assert.That(state.Ports.Add(change.Mac), Is.True);
                    break;
                default:
                    Assert.That(state.Ports.Remove(change.Mac), Is.True);
                    break;
            }
        }
    }

    private static OverlayPeer[] RandomPeers(Random random) =>
        [.. Enumerable.Range(0, random.Next(12)).Select(_ => Peer((byte)random.Next(1, 9), (byte)random.Next(1, 5), (ulong)random.Next(4)))];

    private static ForwardingState State(params OverlayPeer[] peers) => ForwardingState.Of(peers, _localVtep, _noEndpoints);

    private static IPAddress Vtep(byte number) => new(new byte[] { 10, 99, 0, number });

    private static OverlayPeer Peer(byte host, byte vtep, ulong generation = 0)
        => new(new IPAddress(new byte[] { 10, 20, 1, host }), Vtep(vtep)) { Generation = generation };
}
