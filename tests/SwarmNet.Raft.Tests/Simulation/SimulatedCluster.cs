using System.Buffers;

namespace SwarmNet.Raft.Tests;

/// <summary>
/// Cores in one thread under a seeded adversary: loss, duplication, reordering, partitions, crashes around disk writes. The safety properties
/// of the paper's figure 3 are checked after every step.
/// </summary>
internal sealed class SimulatedCluster
{
    private readonly Random _random;
    private readonly SimulatedNode[] _nodes;
    private readonly List<byte[]> _network = [];
    private readonly Dictionary<ulong, ulong> _leaders = [];
    private readonly Dictionary<ulong, (ulong Term, byte[] Data)> _applied = [];
    private readonly HashSet<ulong> _cutOff = [];
    private ulong _proposals;

    public SimulatedCluster(int size, int seed)
    {
        _random = new Random(seed);
        ulong[] voters = [.. Enumerable.Range(1, size).Select(i => (ulong)i)];
        _nodes = [.. voters.Select(id => new SimulatedNode(id, voters, seed + (int)id))];
        Array.ForEach(_nodes, node => node.Start());
    }

    public ulong HighestApplied => _nodes.Max(node => node.AppliedIndex);

    public void Fault(int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            SimulatedNode node = _nodes[_random.Next(_nodes.Length)];
            switch (_random.Next(100))
            {
                case < 25:
                    node.Core?.Tick();
                    break;
                case < 40:
                    Propose(node);
                    break;
                case < 90:
                    Deliver(loss: 0.1, duplicate: 0.1);
                    break;
                case < 93:
                    node.TakeSnapshot(_random.Next(5));
                    break;
                case < 95:
                    node.Crash();
                    break;
                case < 98:
                    Restart();
                    break;
                default:
                    Partition();
                    break;
            }

            Work(crashChance: 0.002);
            CheckSafety();
        }
    }

    /// <summary>Faults stop: everybody must get a leader, commit something new, and catch up.</summary>
    public void Heal()
    {
        _cutOff.Clear();
        Restart();
        ulong goal = HighestApplied + 1;
        ulong before = _proposals;
        for (int i = 0; i < 500; i++)
        {
            foreach (SimulatedNode node in _nodes)
            {
                node.Core!.Tick();
                if (node.Core.Role == RaftRole.Leader && _proposals < before + 3)
                {
                    Propose(node);
                }
            }

            for (int guard = 0; guard < 10_000; guard++)
            {
                Work(crashChance: 0);
                if (_network.Count == 0)
                {
                    break;
                }

                Deliver(loss: 0, duplicate: 0);
            }

            CheckSafety();
            if (_proposals > before && _nodes.All(node => node.AppliedIndex >= goal && node.AppliedIndex == HighestApplied
                && node.Core!.LastIndex == node.AppliedIndex))
            {
                return;
            }
        }

        Assert.Fail("no progress after faults stopped: "
            + string.Join("; ", _nodes.Select(n => $"{n.Id} {n.Core!.Role} term {n.Core.Term} applied {n.AppliedIndex} last {n.Core.LastIndex}")));
    }

    private void Propose(SimulatedNode node)
    {
        if (node.Core is { } core && core.TryPropose(BitConverter.GetBytes(_proposals), out _))
        {
            _proposals++;
        }
    }

    private void Restart()
    {
        foreach (SimulatedNode node in _nodes)
        {
            if (node.Core is null)
            {
                node.Start();
            }
        }
    }

    private void Partition()
    {
        _cutOff.Clear();
        foreach (SimulatedNode node in _nodes)
        {
            if (_random.Next(3) == 0)
            {
                _cutOff.Add(node.Id);
            }
        }
    }

    private void Work(double crashChance)
    {
        foreach (SimulatedNode node in _nodes)
        {
            node.Work(_random, crashChance, Send, Applied);
        }
    }

    private void Send(RaftMessage message)
    {
        if (_cutOff.Contains(message.From) == _cutOff.Contains(message.To))
        {
            ArrayBufferWriter<byte> writer = new();
            RaftMessageCodec.Write(writer, message);
            _network.Add(writer.WrittenSpan.ToArray());
        }
    }

    private void Deliver(double loss, double duplicate)
    {
        if (_network.Count == 0)
        {
            return;
        }

        int index = _random.Next(_network.Count);
        byte[] bytes = _network[index];
        if (_random.NextDouble() >= duplicate)
        {
            _network.RemoveAt(index);
        }

        if (_random.NextDouble() >= loss)
        {
            Assert.That(RaftMessageCodec.TryParse(bytes, out RaftMessage message));
            _nodes[message.To - 1].Core?.Step(message);
        }
    }

    private void Applied(LogEntry entry)
    {
        // State machine safety: no two nodes apply different commands at one index.
        byte[] data = entry.Data.ToArray();
        if (!_applied.TryAdd(entry.Index, (entry.Term, data)))
        {
            Assert.That(_applied[entry.Index].Term, Is.EqualTo(entry.Term), $"two terms applied at {entry.Index}");
            Assert.That(_applied[entry.Index].Data, Is.EqualTo(data), $"two commands applied at {entry.Index}");
        }
    }

    private void CheckSafety()
    {
        foreach (SimulatedNode node in _nodes)
        {
            if (node.Core is not { Role: RaftRole.Leader } core)
            {
                continue;
            }

            // Election safety: at most one leader per term.
            _leaders.TryAdd(core.Term, node.Id);
            Assert.That(_leaders[core.Term], Is.EqualTo(node.Id), $"two leaders in term {core.Term}");
            // Leader completeness: a leader has every entry that was committed in an earlier term.
            foreach ((ulong index, (ulong term, _)) in _applied)
            {
                if (term < core.Term && core.TryGetTerm(index, out ulong own))
                {
                    Assert.That(own, Is.EqualTo(term), $"leader {node.Id} lacks committed entry {index}");
                }
            }
        }

        CheckLogMatching();
    }

    // Log matching: if two logs have an entry with the same index and term, they are the same up to it.
    private void CheckLogMatching()
    {
        for (int a = 0; a < _nodes.Length; a++)
        {
            for (int b = a + 1; b < _nodes.Length; b++)
            {
                if (_nodes[a].Core is not { } first || _nodes[b].Core is not { } second)
                {
                    continue;
                }

                bool same = false;
                for (ulong index = Math.Min(first.LastIndex, second.LastIndex); index > 0; index--)
                {
                    if (!first.TryGetTerm(index, out ulong one) || !second.TryGetTerm(index, out ulong other))
                    {
                        break;
                    }

                    Assert.That(!same || one == other, $"nodes {a + 1} and {b + 1} differ at {index} but agree after it");
                    same |= one == other;
                }
            }
        }
    }
}
