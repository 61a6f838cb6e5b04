using System.Net;
using Google.Protobuf;
using SwarmNet.Gossip.NetworkDb;
using Pb = SwarmNet.Gossip.Protos;

namespace SwarmNet.Gossip.Simulation;

/// <summary>Who sends its tables unasked waits for ours: a stock engine for 30 s, before a task starts.</summary>
public sealed class BulkSyncAnswerTests
{
    private static readonly IPEndPoint _peer = new(IPAddress.Parse("10.0.0.2"), 7946);

    [TestCase(true, 1, TestName = "a network that both are in")]
    [TestCase(false, 0, TestName = "a network that this node has left, or not joined yet")]
    public void An_unsolicited_sync_is_answered_for_the_networks_it_names_before_the_senders_join_is_known(bool isAttached, int entries)
    {
        var core = new NetworkDbCore("a", new IPEndPoint(IPAddress.Parse("10.0.0.1"), 7946), new GossipTimers(), 34, seed: 1, TimeSpan.Zero);
        core.MemberUp("b", _peer, default, TimeSpan.Zero);
        if (isAttached)
        {
            core.JoinNetwork("n1");
            core.CreateEntry("n1", "table", "key", new byte[] { 7 });
        }

        var question = new Pb.BulkSyncMessage { LTime = 3, Unsolicited = true, NodeName = "b", Payload = Message(Pb.MessageType.Compound, new Pb.CompoundMessage()) };
        question.Networks.Add("n1");
        core.UserMessage(Message(Pb.MessageType.BulkSync, question).Span, TimeSpan.Zero);
        var answer = Answer(core);
        Assert.That((answer.NodeName, answer.Unsolicited), Is.EqualTo(("a", false)));
        Assert.That(answer.Networks, Is.EqualTo(new[] { "n1" }));
        var tables = Pb.CompoundMessage.Parser.ParseFrom(Pb.GossipMessage.Parser.ParseFrom(answer.Payload).Data);
        Assert.That(tables.Messages, Has.Count.EqualTo(entries));

        question.Unsolicited = false;
        core.UserMessage(Message(Pb.MessageType.BulkSync, question).Span, TimeSpan.Zero);
        Assert.That(core.TryTake(out _), Is.False, "an answer is not answered");
    }

    private static ByteString Message(Pb.MessageType type, IMessage content) => new Pb.GossipMessage { Type = type, Data = content.ToByteString() }.ToByteString();

    private static Pb.BulkSyncMessage Answer(NetworkDbCore core)
    {
        Assert.That(core.TryTake(out DbOutput output), Is.True);
        Assert.That((output.Kind, output.Node), Is.EqualTo((DbOutputKind.Stream, "b")));
        var message = Pb.GossipMessage.Parser.ParseFrom(output.Message);
        Assert.That(message.Type, Is.EqualTo(Pb.MessageType.BulkSync));
        return Pb.BulkSyncMessage.Parser.ParseFrom(message.Data);
    }
}
