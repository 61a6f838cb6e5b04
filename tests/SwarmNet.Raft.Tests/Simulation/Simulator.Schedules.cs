namespace SwarmNet.Raft.Tests;

// The adversary's guided schedules, which lead to the dangerous corners of the paper.
internal sealed partial class Simulator
{
    private void Dance()
    {
        if (_faulty)
        {
            bool alone = Leader?.Core!.IsSoleVoter == true && Chance(0.5);
            Continue((Pick(0, 0, 1, 2, 3) switch { _ when alone => LeadsAlone(), 0 => Figure8(), 1 => StaleLeader(), 2 => SplitChange(), _ => VoteRace() }).GetEnumerator());
        }
    }

    private void Continue(IEnumerator<long> dance)
    {
        if (_faulty && dance.MoveNext())
        {
            _events.After(dance.Current, () => Continue(dance));
        }
        else
        {
            _events.After(Between(Second / 2, 5 * Second), Dance);
        }
    }

    // Figure 8: a leader replicates to one follower and crashes; another takes over, keeps its entry to itself and crashes; the first comes back
    // and spreads the old entry; the second wins again.
    private IEnumerable<long> Figure8()
    {
        if (Leader is not { } first || Others(first) is not { Length: >= 2 } others)
        {
            yield break;
        }

        // With fewer than five, the old entry stays with the first leader alone.
        SimulatedNode? friend = others.Length >= 4 ? others[0] : null;
        Isolate(first.Id);
        if (friend is not null)
        {
            Connect(first.Id, friend.Id);
        }

        yield return 1;
        ProposeAt(first);
        ulong index = first.Core?.LastIndex ?? 0;
        yield return Between(5000, 20_000);
        Crash(first);
        Array.Clear(_cut);
        if (friend is not null)
        {
            Isolate(friend.Id);
        }

        for (int i = 0; i < 100 && (Leader is null || Leader == first); i++)
        {
            yield return Second / 20;
        }

        if (Leader is not { } second || second == first)
        {
            Array.Clear(_cut);
            yield break;
        }

        Isolate(second.Id);
        ProposeAt(second);
        yield return Between(3000, 20_000);
        Crash(second);
        Array.Clear(_cut);
        Isolate(second.Id);
        (_loss, _duplication, _latencyMicroseconds) = (0, 0, 1000);
        Crash(first);
        _oneByOne = true;
        StartNow(first);
        _oneByOne = false;
        for (int i = 0; i < 40 && Leader != first; i++)
        {
            Input(first, core => core.Campaign());
            yield return Between(10_000, Second / 4);
        }

        // Between the old entry's arrival at a majority and that of the leader's own one.
        ulong chain = first.Log.LastIndex >= index && index > first.Log.BaseIndex ? first.Log.ChainAt(index) : 0;
        for (int i = 0; i < 100 && Running.Count(n => n.Log.BaseIndex < index && n.Disk.Has(index, chain)) <= _first.Voters.Count / 2; i++)
        {
            yield return 200;
        }

        yield return Between(200, 4000);
        Crash(first);
        Array.Clear(_cut);
        StartNow(second);
        for (int i = 0; i < 8 && Leader is null; i++)
        {
            Input(second, core => core.Campaign());
            yield return Between(20_000, Second);
        }
    }

    // A leader is cut off or stopped while the others go on; reads and writes at it, then it meets them again.
    private IEnumerable<long> StaleLeader()
    {
        if (Leader is not { } old || Others(old) is not { Length: >= 2 } others)
        {
            yield break;
        }

        SimulatedNode? friend = others.Length > 2 && Chance(0.6) ? others[0] : null;
        bool pause = friend is null && Chance(0.6);
        CallAt(old, isWrite: false);
        yield return 20_000;
        if (pause)
        {
            Pause(old);
        }
        else
        {
            Isolate(old.Id);
            if (friend is not null)
            {
                Connect(old.Id, friend.Id);
                _lateAnswersTo = old.Id;
            }
        }

        for (int i = 0; i < 8 && !pause; i++)
        {
            ProposeAt(old);
            yield return Between(2000, 50_000);
        }

        _lateAnswersTo = 0;
        SimulatedNode candidate = others[^1];
        for (int i = 0; i < 20 && (Leader is null || Leader == old); i++)
        {
            Input(candidate, core => core.Campaign());
            yield return Between(20_000, Second / 2);
        }

        if (Leader is { } successor && successor != old)
        {
            CallAt(successor, isWrite: true);
            yield return Between(20_000, Second / 10);
            CallAt(old, isWrite: false);
            CallAt(old, isWrite: false);
            yield return Between(5000, Second / 5);
        }

        Array.Clear(_cut);
        for (int i = 0; i < 5 && Leader != old; i++)
        {
            if (Leader is { } leader)
            {
                Input(leader, core => core.TryTransferLeadership(old.Id));
            }

            yield return Between(20_000, Second / 2);
        }

        for (int i = 0; i < 20 && Leader == old; i++)
        {
            ProposeAt(old);
            yield return Between(2000, Second / 3);
            Connect(old.Id, candidate.Id);
        }
    }

    // A change of the membership at a leader that only some hear, another one at the next leader.
    private IEnumerable<long> SplitChange()
    {
        if (Leader is not { } old)
        {
            yield break;
        }

        bool[] side = [.. _nodes.Select(_ => Chance(0.5))];
        ChangeMembers();
        yield return Between(500, 20_000);
        for (int a = 1; a < _nodes.Length; a++)
        {
            for (int b = 1; b < _nodes.Length; b++)
            {
                _cut[a, b] = side[a] != side[b];
            }
        }

        for (int i = 0; i < 6; i++)
        {
            ChangeMembers();
            ProposeAt(AnyNode());
            SimulatedNode candidate = AnyNode();
            Input(candidate, core => core.Campaign());
            yield return Between(Second / 50, 2 * Second);
        }

        Array.Clear(_cut);
    }

    // Two candidates of one term, and a voter between them that crashes right after its first vote and is back before the second request.
    private IEnumerable<long> VoteRace()
    {
        if (Leader is not { } old || Others(old) is not { Length: >= 2 } others)
        {
            yield break;
        }

        SimulatedNode voter = others[0];
        SimulatedNode[] candidates = [others[1], others.Length > 2 ? others[2] : old];
        for (int id = 1; id < _nodes.Length; id++)
        {
            Isolate((ulong)id);
        }

        // Until nobody hears a leader.
        yield return 3 * _electionTicks * Second / 10;
        (_loss, _duplication, _latencyMicroseconds) = (0, 0, 20_000);
        voter.DiskMicroseconds = 100;
        foreach (SimulatedNode other in others.Append(old))
        {
            Connect(voter.Id, other.Id);
            if (!candidates.Contains(other))
            {
                Connect(candidates[_random.Next(2)].Id, other.Id);
            }
        }

        ulong term = candidates.Max(c => c.Core?.Term ?? 0);
        foreach (SimulatedNode candidate in candidates)
        {
            StartNow(candidate);
            Input(candidate, core => core.Campaign());
        }

        for (int i = 0; i < 1000 && voter.Core is { } core && (core.Term <= term || voter.Writes.Count > 0); i++)
        {
            yield return 200;
        }

        Crash(voter);
        StartNow(voter);
        yield return Second / 2;
        _latencyMicroseconds = 1000;
        Array.Clear(_cut);
    }

    // A sole voter comes back, takes writes at once, and crashes before the first of them is on its slow disk; then again, with other writes.
    private IEnumerable<long> LeadsAlone()
    {
        if (Leader is not { } only)
        {
            yield break;
        }

        long disk = only.DiskMicroseconds;
        only.DiskMicroseconds = Second / 50;
        for (int round = 0; round < 3; round++)
        {
            Crash(only);
            StartNow(only);
            for (int i = 0; i < 4; i++)
            {
                yield return Between(500, 5000);
                ProposeAt(only);
            }
        }

        only.DiskMicroseconds = disk;
    }
}
