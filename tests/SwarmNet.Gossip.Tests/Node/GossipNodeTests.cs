using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace SwarmNet.Gossip.Tests;

[CancelAfter(60_000)]
public class GossipNodeTests
{
    private static readonly GossipTimers s_fast = new()
    {
        ProbeInterval = TimeSpan.FromMilliseconds(200),
        ProbeTimeout = TimeSpan.FromMilliseconds(100),
        GossipInterval = TimeSpan.FromMilliseconds(50),
        SuspicionMaxMultiplier = 2,
    };

    [Test]
    public async Task Three_nodes_share_tables_survive_a_key_change_and_notice_a_death(CancellationToken cancellationToken)
    {
        byte[] first = RandomNumberGenerator.GetBytes(16);
        byte[] second = RandomNumberGenerator.GetBytes(16);
        await using GossipNode one = await StartAsync([first]);
        await using GossipNode two = await StartAsync([first]);
        await using GossipNode three = await StartAsync([first]);
        using TableSubscription events = one.Subscribe();
        GossipNode[] nodes = [one, two, three];
        foreach (GossipNode node in nodes)
        {
            await node.JoinNetworkAsync("net", cancellationToken);
        }

        Assert.That(await two.JoinAsync([one.EndPoint], cancellationToken), Is.EqualTo(1));
        Assert.That(await three.JoinAsync([one.EndPoint], cancellationToken), Is.EqualTo(1));
        await UntilAsync(() => nodes.All(node => node.Members.Count(member => member.State == MemberState.Alive) == 3), cancellationToken);
        await three.CreateEntryAsync("net", "t", "key", "value"u8.ToArray(), cancellationToken);
        await UntilAsync(() => nodes.All(node => node.Entries("net", "t").ContainsKey("key")), cancellationToken);
        TableEvent created = await events.Reader.ReadAsync(cancellationToken);
        Assert.That((created.Kind, created.Key, created.OwnerNode), Is.EqualTo((TableEventKind.Create, "key", three.NodeName)));

        // Rotation as key managers do it: everybody learns the new key, then it becomes the primary, then the old one goes.
        foreach (byte[][] ring in new byte[][][] { [first, second], [second, first], [second] })
        {
            Array.ForEach(nodes, node => node.SetKeys(ring));
        }

        await three.UpdateEntryAsync("net", "t", "key", "other"u8.ToArray(), cancellationToken);
        await UntilAsync(() => nodes.All(node => Encoding.UTF8.GetString(node.Entries("net", "t")["key"].Value.Span) == "other"), cancellationToken);
        await three.DisposeAsync();
        await UntilAsync(() => one.Entries("net", "t").Count == 0 && two.Entries("net", "t").Count == 0, cancellationToken);
        Assert.That(one.Members.Single(member => member.Name == three.NodeName).State, Is.EqualTo(MemberState.Dead));
    }

    [Test]
    public async Task Leaving_is_seen_as_left(CancellationToken cancellationToken)
    {
        await using GossipNode one = await StartAsync([]);
        await using GossipNode two = await StartAsync([]);
        await two.JoinAsync([one.EndPoint], cancellationToken);
        await UntilAsync(() => one.Members.Count == 2, cancellationToken);
        await two.LeaveAsync(cancellationToken);
        await two.DisposeAsync();
        await UntilAsync(() => one.Members.Any(member => member.Name == two.NodeName && member.State == MemberState.Left), cancellationToken);
        Assert.That(async () => await two.JoinNetworkAsync("n", cancellationToken), Throws.InstanceOf<GossipException>().With.Message.Contains("is stopped"));
    }

    [Test]
    public async Task Wrong_keys_wrong_versions_and_nobody_there_are_told(CancellationToken cancellationToken)
    {
        await using GossipNode one = await StartAsync([new byte[16]]);
        await using GossipNode plain = await StartAsync([]);
        await using GossipNode other = await StartAsync([RandomNumberGenerator.GetBytes(16)]);
        await using GossipNode serf = await StartAsync([new byte[16]], new GossipVersion(2, 5, 4));
        Assert.That(async () => await other.JoinAsync([one.EndPoint], cancellationToken), Throws.InstanceOf<GossipException>().With.Message.Contains("same keys"));
        Assert.That(async () => await plain.JoinAsync([one.EndPoint], cancellationToken), Throws.InstanceOf<GossipException>());
        Assert.That(async () => await serf.JoinAsync([one.EndPoint], cancellationToken), Throws.InstanceOf<GossipException>().With.Message.Contains("delegate version"));
        Assert.That(one.Members, Has.Count.EqualTo(1));
        Assert.That(async () => await one.JoinAsync([new IPEndPoint(IPAddress.Parse("127.0.0.99"), 1)], cancellationToken),
            Throws.InstanceOf<GossipException>().With.Message.Contains("None of 1 gossip members could be joined"));
        Assert.That(async () => await GossipNode.StartAsync(Options([], one.EndPoint.Port), cancellationToken),
            Throws.InstanceOf<GossipException>().With.Message.Contains("cannot be listened on"));
    }

    private static GossipOptions Options(IReadOnlyList<byte[]> keys, int port = 0, GossipVersion version = default) => new()
    {
        NodeName = GossipNode.NewNodeName(),
        BindAddress = IPAddress.Parse("127.0.0.1"),
        Port = port,
        Keys = keys,
        Timers = s_fast,
        Version = version,
    };

    private static Task<GossipNode> StartAsync(IReadOnlyList<byte[]> keys, GossipVersion version = default) =>
        GossipNode.StartAsync(Options(keys, 0, version));

    internal static async Task UntilAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (!condition())
        {
            await Task.Delay(10, cancellationToken);
        }
    }
}
