using SwarmNet.Raft;

namespace SwarmNet.Perf.Raft;

/// <summary>Cores of one cluster in this process, on one thread, without disk and network; the first one leads.</summary>
internal sealed class CoreGroup
{
    private readonly RaftCore[] _cores;

    public CoreGroup(int size)
    {
        ulong[] voters = [.. Enumerable.Range(1, size).Select(id => (ulong)id)];
        _cores = [.. voters.Select(id => new RaftCore(new RaftCoreOptions { NodeId = id, Membership = new RaftMembership(voters), Seed = (int)id }))];
        _cores[0].Campaign();
        Settle();
    }

    /// <summary>Proposes a command so many times, and returns when all have it committed and have forgotten all but the newest entries.</summary>
    public void Propose(byte[] command, int times)
    {
        for (int i = 0; i < times; i++)
        {
            if (_cores[0].Propose(command, out _) != ProposeStatus.Accepted)
            {
                throw new InvalidOperationException("A leader refused a proposal.");
            }
        }

        Settle();
        foreach (RaftCore core in _cores)
        {
            core.SnapshotTaken(core.AppliedIndex, 64);
        }
    }

    private void Settle()
    {
        for (bool busy = true; busy;)
        {
            busy = false;
            foreach (RaftCore core in _cores)
            {
                if (core.TryGetReady(out RaftReady? ready))
                {
                    busy = true;
                    Deliver(ready.ImmediateMessages);
                    Deliver(ready.Messages);
                    core.Advance();
                }
            }
        }
    }

    private void Deliver(IReadOnlyList<RaftMessage> messages)
    {
        for (int i = 0; i < messages.Count; i++)
        {
            _cores[messages[i].To - 1].Step(messages[i]);
        }
    }
}
