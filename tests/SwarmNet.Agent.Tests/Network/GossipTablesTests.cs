using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using SwarmNet.Agent.Network;
using SwarmNet.Gossip;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Agent.Tests.Network;

/// <summary>What is announced, and what need not be announced again: an update of a peer is taken for its removal by Docker's engines.</summary>
[CancelAfter(30_000)]
public sealed class GossipTablesTests
{
    private const string Peers = "overlay_peer_table";

    [Test]
    public async Task The_same_announcement_again_is_none_and_another_one_takes_its_place(CancellationToken cancellationToken)
    {
        await using var node = await GossipNode.StartAsync(
            new GossipOptions { NodeName = "n1", BindAddress = IPAddress.Loopback, AdvertiseAddress = IPAddress.Loopback, Port = 0, Keys = [] }, cancellationToken);
        await using var tables = new GossipTables(node, NullLogger.Instance);
        tables.Join("net");
        var first = await AnnounceAsync("192.0.2.1");
        Assert.That(await AnnounceAsync("192.0.2.1"), Is.EqualTo(first), "nothing is sent");
        var moved = await AnnounceAsync("192.0.2.2");
        Assert.That(moved!.LamportTime, Is.GreaterThanOrEqualTo(first!.LamportTime + 2), "a removal and a new entry");
        Assert.That(EndpointRecords.ParsePeer(moved.Key, moved.Value, moved.LamportTime)!.TunnelEnd, Is.EqualTo(IPAddress.Parse("192.0.2.2")));
        tables.Withdraw("net", "e1");
        await tables.FlushAsync();
        Assert.That(node.Entries("net", Peers), Is.Empty);
        Assert.That(await AnnounceAsync("192.0.2.2"), Is.Not.Null, "and again");

        async Task<TableEntry?> AnnounceAsync(string vtep)
        {
            tables.AnnouncePeer("net", "e1", new PeerEntry(IPAddress.Parse("10.0.1.5"), 24, MacAddress.Parse("02:42:0a:00:01:05"), IPAddress.Parse(vtep)));
            await tables.FlushAsync();
            return node.Entries("net", Peers).GetValueOrDefault("e1");
        }
    }
}
