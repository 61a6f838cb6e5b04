using System.Buffers;
using System.Text;

namespace SwarmNet.Raft.Tests;

/// <summary>The nodes of a script and the messages between them; each command returns what happened.</summary>
internal sealed class ScriptCluster
{
    private readonly SortedDictionary<ulong, ScriptNode> _nodes = [];
    private readonly HashSet<(ulong From, ulong To)> _cut = [];
    private readonly StringBuilder _output = new();
    private List<RaftMessage> _flying = [];

    public string Execute(string command)
    {
        _output.Clear();
        string[] words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        ulong[] ids = [.. words[1..].Select(word => ulong.TryParse(word, out ulong id) ? id : 0)];
        switch (words[0])
        {
            case "cluster":
                Array.ForEach(ids, id => Add(id, new RaftMembership(ids)));
                break;
            case "join":
                Add(ids[0], RaftMembership.Empty);
                break;
            case "campaign":
                _nodes[ids[0]].Core.Campaign();
                break;
            case "propose":
                Say($"{ids[0]}: {_nodes[ids[0]].Core.Propose(Encoding.UTF8.GetBytes(words[2]), out _)}");
                break;
            case "change":
                Change(_nodes[ids[0]].Core, words[2..]);
                break;
            case "read":
                Say($"{ids[0]}: {(_nodes[ids[0]].Core.TryReadIndex(out _) ? "asked" : "no leader")}");
                break;
            case "transfer":
                Say($"{ids[0]}: {(_nodes[ids[0]].Core.TryTransferLeadership(ids[1]) ? "transferring" : "refused")}");
                break;
            case "tick":
                for (ulong i = 0; i < (ids.Length > 1 ? ids[1] : 1); i++)
                {
                    _nodes[ids[0]].Core.Tick();
                }

                break;
            case "deliver":
                Deliver(ids);
                break;
            case "settle":
                Settle();
                break;
            case "drop":
                int before = _flying.Count;
                _flying.RemoveAll(m => ids.Length == 0 || (m.From == ids[0] && m.To == ids[1]));
                Say($"{before - _flying.Count} dropped");
                break;
            case "cut":
                _cut.Add((ids[0], ids[1]));
                _cut.Add((ids[1], ids[0]));
                break;
            case "heal":
                _cut.Clear();
                break;
            case "restart":
                _nodes[ids[0]].Restart();
                _flying.RemoveAll(m => m.To == ids[0]);
                break;
            case "snapshot":
                _nodes[ids[0]].Compact((int)ids[1]);
                break;
            case "status":
                foreach (ScriptNode node in _nodes.Values)
                {
                    Say($"{node.Status()}");
                }

                break;
            default:
                throw new InvalidOperationException($"No such command: {command}");
        }

        Drain();
        return _output.ToString();
    }

    private void Add(ulong id, RaftMembership membership) => _nodes.Add(id, new ScriptNode(id, membership));

    private void Change(RaftCore core, string[] words)
    {
        List<MembershipChange> changes = [];
        for (int i = 0; i < words.Length; i += 2)
        {
            changes.Add(new MembershipChange(Enum.Parse<MembershipChangeType>(words[i], ignoreCase: true), ulong.Parse(words[i + 1])));
        }

        ProposeStatus status = core.ProposeMembership(changes.ToArray(), out _, out string? problem);
        Say($"{core.NodeId}: {status}{(problem is null ? "" : ": " + problem)}");
    }

    // What is on its way now, not what comes of it.
    private void Deliver(ulong[] link)
    {
        List<RaftMessage> now = _flying.FindAll(m => link.Length == 0 || (m.From == link[0] && m.To == link[1]));
        _flying.RemoveAll(now.Contains);
        foreach (RaftMessage message in now.Where(m => !_cut.Contains((m.From, m.To)) && _nodes.ContainsKey(m.To)))
        {
            _nodes[message.To].Core.Step(message);
            Drain();
        }
    }

    private void Settle()
    {
        for (int round = 0; round < 100 && _flying.Count > 0; round++)
        {
            Deliver([]);
        }
    }

    private void Drain()
    {
        foreach (ScriptNode node in _nodes.Values)
        {
            List<RaftMessage> sent = node.Drain(text => Say($"{node.Id}: {text}"));
            foreach (RaftMessage message in sent)
            {
                Say($"{message.From} -> {message.To} {Describe(message)}{(_cut.Contains((message.From, message.To)) ? " (cut)" : "")}");
                _flying.Add(message);
            }
        }
    }

    private static string Describe(in RaftMessage message)
    {
        StringBuilder text = new($"{message.Type} term {message.Term}");
        _ = message.Type switch
        {
            RaftMessageType.AppendEntries => text.Append($" after {message.LogIndex}/{message.LogTerm} commit {message.Commit} entries [{string.Join(", ", message.Entries.ToArray().Select(ScriptNode.Describe))}]"),
            RaftMessageType.AppendEntriesResponse => text.Append(message.Reject ? $" {message.LogIndex} rejected, try {message.HintIndex}/{message.HintTerm}" : $" has {message.LogIndex}"),
            RaftMessageType.RequestVote or RaftMessageType.PreVote => text.Append($" last {message.LogIndex}/{message.LogTerm}{(message.Transfer ? " transfer" : "")}"),
            RaftMessageType.RequestVoteResponse or RaftMessageType.PreVoteResponse => text.Append(message.Reject ? " no" : " yes"),
            RaftMessageType.Heartbeat => text.Append($" commit {message.Commit} round {message.Context}"),
            RaftMessageType.HeartbeatResponse => text.Append($" round {message.Context}"),
            RaftMessageType.InstallSnapshot => text.Append($" of {message.LogIndex}/{message.LogTerm} from byte {message.Offset}{(message.Snapshot is { IsLast: true } ? " last" : "")}"),
            RaftMessageType.InstallSnapshotResponse => text.Append($" of {message.LogIndex}/{message.LogTerm}, go on from byte {message.Offset}"),
            RaftMessageType.ReadIndexResponse => text.Append($" {message.LogIndex}"),
            _ => text,
        };
        return text.ToString();
    }

    private void Say(string line) => _output.Append(line).Append('\n');
}
