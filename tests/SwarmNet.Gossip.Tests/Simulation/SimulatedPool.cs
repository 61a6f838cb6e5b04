using System.Net;
using SwarmNet.Gossip.NetworkDb;
using SwarmNet.Gossip.Swim;
using SwarmNet.Gossip.Wire;

namespace SwarmNet.Gossip.Tests;

/// <summary>Members in one thread, in virtual time, with seeded loss of packets, delay, partitions and stops. TCP is never lost but cut off.</summary>
internal sealed class SimulatedPool
{
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(50);

    private readonly Random _random;
    private readonly Dictionary<IPEndPoint, Node> _byEndPoint = [];
    private readonly List<(TimeSpan At, IPEndPoint From, IPEndPoint To, byte[] Message)> _packets = [];
    private readonly List<(IPEndPoint From, SwimOutputKind Kind, IPEndPoint To, byte[] Message, uint SeqNo, bool Join)> _streams = [];
    private readonly int _seed;

    public SimulatedPool(int size, int seed)
    {
        _seed = seed;
        _random = new Random(seed);
        for (int i = 0; i < size; i++)
        {
            Start($"n{i}", i);
        }
    }

    public double Loss { get; set; }

    public TimeSpan Now { get; private set; }

    public List<Node> Nodes { get; } = [];

    /// <summary>Members with another number are cut off from each other.</summary>
    public Dictionary<string, int> Side { get; } = [];

    public IEnumerable<Node> Running => Nodes.Where(node => !node.Stopped);

    public Node Start(string name, int address, bool resuming = false)
    {
        Node node = new(name, new IPEndPoint(new IPAddress([10, 0, (byte)(address / 250), (byte)((address % 250) + 1)]), 7946), _seed + Nodes.Count, Now, resuming);
        Nodes.Add(node);
        _byEndPoint[node.EndPoint] = node;
        return node;
    }

    public void Join(Node node, Node seed)
    {
        _streams.Add((node.EndPoint, SwimOutputKind.PushPull, seed.EndPoint, [], 0, true));
        node.Tables.AnnounceJoin();
    }

    public void Run(TimeSpan time)
    {
        for (TimeSpan end = Now + time; Now < end; Now += s_step)
        {
            Step();
        }
    }

    /// <summary>Virtual time until the condition holds; fails after the limit.</summary>
    public TimeSpan RunUntil(Func<bool> condition, TimeSpan limit, string what)
    {
        TimeSpan start = Now;
        while (!condition())
        {
            Assert.That(Now - start, Is.LessThan(limit), $"{what} (seed {_seed})");
            Step();
            Now += s_step;
        }

        return Now - start;
    }

    private void Step()
    {
        DeliverPackets();
        var streams = _streams.ToArray();
        _streams.Clear();
        foreach (var stream in streams)
        {
            DeliverStream(stream.From, stream.Kind, stream.To, stream.Message, stream.SeqNo, stream.Join);
        }

        foreach (Node node in Running)
        {
            node.Swim.Tick(Now);
            node.Tables.Tick(Now);
            Drain(node);
        }
    }

    private void Drain(Node node)
    {
        while (node.Swim.TryTake(out SwimOutput output))
        {
            if (output.Kind == SwimOutputKind.Packet)
            {
                SendPacket(node.EndPoint, output.Target, output.Message);
            }
            else
            {
                _streams.Add((node.EndPoint, output.Kind, output.Target, output.Message, output.SeqNo, false));
            }
        }

        while (node.Tables.TryTake(out DbOutput output))
        {
            switch (output.Kind)
            {
                case DbOutputKind.Packet:
                    SendPacket(node.EndPoint, output.Target, [(byte)MessageType.User, .. output.Message]);
                    break;
                case DbOutputKind.Stream:
                    _streams.Add((node.EndPoint, SwimOutputKind.Packet, output.Target, output.Message, 0, false));
                    break;
                default:
                    _streams.Add((node.EndPoint, SwimOutputKind.PushPull, output.Target, [], 0, true));
                    break;
            }
        }

        while (node.Tables.TryTakeEvent(out TableEvent tableEvent))
        {
            node.Events.Add(tableEvent);
        }
    }

    private void SendPacket(IPEndPoint from, IPEndPoint to, byte[] message)
    {
        Assert.That(message, Has.Length.LessThanOrEqualTo(1400), "a packet is too large");
        if (_random.NextDouble() >= Loss)
        {
            _packets.Add((Now + (_random.NextDouble() * TimeSpan.FromMilliseconds(40)), from, to, message));
        }
    }

    private void DeliverPackets()
    {
        var due = _packets.Where(packet => packet.At <= Now).ToArray();
        _packets.RemoveAll(packet => packet.At <= Now);
        foreach (var (_, from, to, message) in due)
        {
            if (Reach(from, to) is { } node)
            {
                node.Swim.HandlePacket(message, from, Now);
            }
        }
    }

    private void DeliverStream(IPEndPoint from, SwimOutputKind kind, IPEndPoint to, byte[] message, uint seqNo, bool join)
    {
        Node sender = _byEndPoint[from];
        if (sender.Stopped || Reach(from, to) is not { } receiver)
        {
            return;
        }

        switch (kind)
        {
            case SwimOutputKind.PushPull:
                byte[] request = sender.Swim.EncodeState(join);
                byte[] answer = receiver.Swim.EncodeState(join);
                Assert.That(receiver.Swim.TryMergeState(request, Now, out _, out string error), error);
                Assert.That(sender.Swim.TryMergeState(answer, Now, out _, out error), error);
                break;
            case SwimOutputKind.StreamPing:
                if (IsFor(receiver, message))
                {
                    sender.Swim.HandleAck(seqNo, Now);
                }

                break;
            default:
                receiver.Tables.UserMessage(message, Now);
                break;
        }
    }

    private static bool IsFor(Node node, byte[] ping)
    {
        MsgPackReader reader = new(ping.AsSpan(1));
        return MessageFields.TryRead(ref reader, out MessageFields fields) && node.Swim.IsForUs(fields.Node);
    }

    private Node? Reach(IPEndPoint from, IPEndPoint to) =>
        _byEndPoint.TryGetValue(to, out Node? node) && !node.Stopped
        && Side.GetValueOrDefault(node.Name) == Side.GetValueOrDefault(_byEndPoint[from].Name) ? node : null;

    /// <summary>A member.</summary>
    internal sealed class Node
    {
        public Node(string name, IPEndPoint endPoint, int seed, TimeSpan now, bool resuming)
        {
            Name = name;
            EndPoint = endPoint;
            GossipTimers timers = new();
            Tables = new NetworkDbCore(name, endPoint, timers, 34, seed, now);
            byte[] meta = resuming ? NetworkDbCore.ResumingMeta.ToArray() : [];
            Swim = new SwimCore(new SwimOptions { Name = name, EndPoint = endPoint, Seed = seed, Meta = meta, Timers = timers, LayerBytes = 34 }, Tables, now);
        }

        public string Name { get; }

        public IPEndPoint EndPoint { get; }

        public SwimCore Swim { get; }

        public NetworkDbCore Tables { get; }

        public List<TableEvent> Events { get; } = [];

        public bool Stopped { get; set; }

        public MemberState? StateOf(string name) => Swim.TryGetMember(name, out MemberRecord? member) ? member!.State : null;

        public Dictionary<string, string> Rows(string network, string table) =>
            Tables.Visible.TryGetValue((network, table), out var rows)
                ? rows.ToDictionary(row => row.Key, row => System.Text.Encoding.UTF8.GetString(row.Value.Value.Span)) : [];
    }
}
