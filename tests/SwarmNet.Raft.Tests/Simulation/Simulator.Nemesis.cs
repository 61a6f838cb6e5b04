namespace SwarmNet.Raft.Tests;

// The adversary: single faults at random times. Its guided schedules are in Simulator.Schedules.cs.
internal sealed partial class Simulator
{
    // Entries travel one by one: while figure 8 is danced.
    private bool _oneByOne;

    // Who gets answers a second time, much later.
    private ulong _lateAnswersTo;

    private void StartNemesis()
    {
        _events.After(Between(Second / 4, Second), Strike);
        _events.After(Second, Dance);
    }

    private void Strike()
    {
        if (!_faulty)
        {
            return;
        }

        SimulatedNode node = AnyNode();
        switch (_random.Next(18))
        {
            case 0:
                Crash(node);
                break;
            case 1 when Leader is { } leader:
                Crash(leader);
                break;
            case 2:
                Pause(node);
                break;
            case 3 when Leader is { } leader:
                Pause(leader);
                break;
            case 4:
                CutInTwo();
                break;
            case 5 when Leader is { } leader:
                Isolate(leader.Id);
                break;
            case 6:
                CutOneWay();
                break;
            case 7 or 8:
                Array.Clear(_cut);
                break;
            case 9:
                node.DiskMicroseconds = Pick(100, 500, 5_000, 300_000);
                break;
            case 10:
                _loss = Pick(0, 0, 2, 10, 30) / 100.0;
                _duplication = Pick(0, 5, 30) / 100.0;
                _latencyMicroseconds = Pick(500, 1000, 20_000, 150_000);
                break;
            case 11 or 12:
                ChangeMembers();
                break;
            case 13:
                Transfer();
                break;
            case 14:
                // A transport that is wrong: the leader is there, or it is not the leader.
                foreach (SimulatedNode misled in Running.Where(_ => Chance(0.5)).ToArray())
                {
                    Input(misled, core => core.PeerUnreachable(Chance(0.8) ? core.LeaderId : AnyNode().Id));
                }

                break;
            case 15:
                Input(node, core => core.Campaign());
                break;
            default:
                TakeSnapshot(node);
                break;
        }

        _events.After(Between(Second / 20, 2 * Second), Strike);
    }

    // A crash right after something was promised, and often back before anybody noticed.
    private void MaybeCrashAfter(SimulatedNode node, RaftReady ready)
    {
        if (!_faulty)
        {
            return;
        }

        // Or before, with the write of a new term under way: the disk never hears of it.
        if (node.Writes.Count > 0 && ready.HardState.Term != node.Disk.HardState.Term && Chance(0.05))
        {
            int start = node.Starts;
            _events.After(Between(1, node.DiskMicroseconds * 8), () =>
            {
                if (_faulty && node.Starts == start)
                {
                    Crash(node);
                }
            });
        }

        double chance = 0;
        foreach (RaftMessage message in ready.Messages)
        {
            chance = Math.Max(chance, message.Type switch
            {
                RaftMessageType.RequestVoteResponse when !message.Reject => 0.1,
                RaftMessageType.RequestVote => 0.03,
                RaftMessageType.AppendEntriesResponse when !message.Reject => 0.001,
                _ => 0,
            });
        }

        chance = Math.Max(chance, ready.Snapshot is null ? 0 : 0.02);
        if (Chance(chance))
        {
            // The messages that wait for the disk go out first: the write is done, then the crash.
            while (node.Writes.TryDequeue(out SimulatedWrite? write))
            {
                Durable(node, write);
            }

            Crash(node);
        }
    }

    private SimulatedNode AnyNode()
    {
        SimulatedNode[] nodes = [.. _nodes.OfType<SimulatedNode>()];
        return nodes[_random.Next(nodes.Length)];
    }

    private void Pause(SimulatedNode node)
    {
        node.IsPaused = true;
        int start = node.Starts;
        _events.After(Between(Second / 50, 6 * Second), () =>
        {
            if (node.Starts == start)
            {
                Resume(node);
            }
        });
    }

    private void CutInTwo()
    {
        Array.Clear(_cut);
        bool[] side = [.. _nodes.Select(_ => Chance(0.5))];
        for (int a = 1; a < _nodes.Length; a++)
        {
            for (int b = 1; b < _nodes.Length; b++)
            {
                _cut[a, b] = side[a] != side[b];
            }
        }
    }

    private void CutOneWay()
    {
        int a = _random.Next(1, _nodes.Length);
        int b = _random.Next(1, _nodes.Length);
        _cut[a, b] = true;
        // Half of the time both ways: a partial partition, the others see both.
        _cut[b, a] |= Chance(0.5);
    }

    private void Isolate(ulong id)
    {
        for (int other = 1; other < _nodes.Length; other++)
        {
            _cut[id, other] = _cut[other, id] = true;
        }
    }

    private void Connect(params ReadOnlySpan<ulong> group)
    {
        foreach (ulong a in group)
        {
            foreach (ulong b in group)
            {
                _cut[a, b] = false;
            }
        }
    }

    private void Transfer()
    {
        if (Leader is { } leader)
        {
            Input(leader, core => core.TryTransferLeadership(core.Membership.Voters[_random.Next(core.Membership.Voters.Count)]));
        }
    }

    private void ChangeMembers()
    {
        if (Running.Where(n => n.Core!.Role == RaftRole.Leader).OrderBy(_ => _random.Next()).FirstOrDefault() is not { } leader)
        {
            return;
        }

        List<MembershipChange> changes = [];
        int left = leader.Core!.Membership.Voters.Count;
        for (int count = Pick(1, 1, 2, 3); count > 0; count--)
        {
            ulong id = (ulong)_random.Next(1, _nodes.Length);
            bool voter = leader.Core.Membership.Voters.Contains(id);
            MembershipChangeType type = voter ? (Chance(0.3) ? MembershipChangeType.AddLearner : MembershipChangeType.Remove)
                : Chance(0.6) || left < 3 ? MembershipChangeType.AddVoter
                : leader.Core.Membership.Learners.Contains(id) ? MembershipChangeType.Remove : MembershipChangeType.AddLearner;
            left += type == MembershipChangeType.AddVoter ? 1 : voter ? -1 : 0;
            changes.Add(new MembershipChange(type, id));
            if (_nodes[id] is null)
            {
                // It joins knowing nobody.
                _nodes[id] = new SimulatedNode(id, RaftMembership.Empty);
                Start(_nodes[id]!);
            }
        }

        if (left > 0)
        {
            Input(leader, core => core.ProposeMembership(changes.ToArray(), out _, out _));
        }
    }

    private SimulatedNode[] Others(SimulatedNode node)
    {
        SimulatedNode[] others = [.. Running.Where(n => n != node && node.Core!.Membership.IsVoter(n.Id))];
        _random.Shuffle(others);
        return others;
    }

    private void ProposeAt(SimulatedNode node) =>
        // A register of its own: nobody reads it.
        Input(node, core => core.Propose(KeyValueMachine.Command(-1, ++_nextValue), out _));

    private void StartNow(SimulatedNode node)
    {
        if (node.Core is null)
        {
            Start(node);
        }
    }
}
