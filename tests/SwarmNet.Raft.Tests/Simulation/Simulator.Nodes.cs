using System.Buffers;

namespace SwarmNet.Raft.Tests;

// The edge of each node: ticks, the disk, the state machine.
internal sealed partial class Simulator
{
    private const int MaxBurst = 200;

    private void Start(SimulatedNode node)
    {
        SimulatedDisk disk = node.Disk;
        disk.KeepsTails = _options.EdgeMutant == EdgeMutant.TailKept;
        node.WritesAside = Chance(0.7);
        node.Start(new RaftCoreOptions
        {
            NodeId = node.Id,
            Membership = disk.Snapshot.Membership,
            Seed = _random.Next(),
            HardState = disk.HardState,
            SnapshotIndex = disk.Snapshot.Index,
            SnapshotTerm = disk.Snapshot.Term,
            Entries = disk.Log.Entries(),
            ElectionTicks = _electionTicks,
            MaxAppendEntries = _oneByOne ? 1 : Pick(1, 1, 2, 3, 64),
            MaxAppendBytes = Pick(8, 1 << 20),
            MaxInflightMessages = Pick(1, 2, 8, 256),
            MaxInflightBytes = Pick(16, 1 << 20),
            MaxCommittedEntries = Pick(1, 3, 1024),
            MaxUncommittedBytes = Pick(40, 1 << 20),
            Mutant = _options.Mutant,
        });
        foreach (LogEntry entry in disk.Log.Entries())
        {
            _checker.Appended(node.Id, entry.Index, entry.Term, node.Log.ChainAt(entry.Index));
        }

        if (_options.EdgeMutant == EdgeMutant.SnapshotStateNotRestored)
        {
            node.Machine.Restore(default);
            node.Machine.Applied = disk.Snapshot.Index;
        }

        // Clocks drift: up to a third slower or faster.
        node.TickMicroseconds = _random.Next(75_000, 135_000);
        Tick(node, node.Starts);
        if (node.Core!.IsSoleVoter)
        {
            node.Core.Campaign();
            Work(node);
        }
    }

    private void Tick(SimulatedNode node, int start) => _events.After(node.TickMicroseconds, () =>
    {
        if (node.Starts != start || node.Core is null)
        {
            return;
        }

        Input(node, core => core.Tick());
        if (node.Starts == start && node.Core is not null)
        {
            Tick(node, start);
        }
    });

    // A stopped process gets it all at once when it goes on.
    private void Input(SimulatedNode node, Action<RaftCore> input, bool mayBeLost = true)
    {
        if (node.IsPaused)
        {
            if (node.Inbox.Count < MaxBurst || !mayBeLost)
            {
                node.Inbox.Add(() => Input(node, input, mayBeLost));
            }
        }
        else if (node.Core is { } core)
        {
            Guarded(node, () => input(core));
            Work(node);
        }
    }

    private static void Resume(SimulatedNode node)
    {
        if (!node.IsPaused)
        {
            return;
        }

        node.IsPaused = false;
        List<Action> inputs = [.. node.Inbox];
        node.Inbox.Clear();
        foreach (Action input in inputs)
        {
            input();
        }
    }

    private void Crash(SimulatedNode node)
    {
        if (node.Core is null)
        {
            return;
        }

        node.Crash(_random);
        if (!_faulty)
        {
            return;
        }

        // Some have a connection to it, and the end of that tells them; also when it is back by then.
        foreach (SimulatedNode other in Running.Where(_ => Chance(0.5)).ToArray())
        {
            _events.After(Between(1000, Second / 2), () => Input(other, core => core.PeerUnreachable(node.Id)));
        }

        // Often so fast that others have not noticed.
        _events.After(Between(1000, 8 * Second), () =>
        {
            if (node.Core is null)
            {
                Start(node);
            }
        });
    }

    private static void Guarded(SimulatedNode node, Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (exception is not SimulationFailure)
        {
            throw new SimulationFailure("own checks", $"node {node.Id}: {exception.GetType().Name}: {exception.Message}");
        }
    }

    private void Work(SimulatedNode node)
    {
        int start = node.Starts;
        for (int rounds = 0; node.Core is { } core && node.Starts == start; rounds++)
        {
            if (rounds > 10_000)
            {
                throw new SimulationFailure("own checks", $"node {node.Id} is never done");
            }

            RaftReady? ready = null;
            Guarded(node, () => core.TryGetReady(out ready));
            if (ready is null)
            {
                break;
            }

            Do(node, core, ready);
        }

        if (node.Core is { } after)
        {
            CheckNode(node, after);
        }
    }

    private void Do(SimulatedNode node, RaftCore core, RaftReady ready)
    {
        RaftSnapshot? installed = ready.Snapshot is { } piece ? node.TakePiece(piece) : null;
        Mirror(node, core, ready, installed);
        List<ulong> unavailable = [];
        bool before = _options.EdgeMutant == EdgeMutant.SendsBeforeWrite;
        List<RaftMessage> waiting = [];
        foreach (RaftMessage message in ready.ImmediateMessages)
        {
            Send(node, message, unavailable);
        }

        foreach (RaftMessage message in ready.Messages)
        {
            if (before)
            {
                Send(node, message, unavailable);
            }
            else
            {
                waiting.Add(message);
            }
        }

        Apply(node, ready.CommittedEntries);
        foreach (RaftRead read in ready.Reads)
        {
            if (node.Reads.Remove(read.Id, out Action<ulong>? serve))
            {
                serve(read.Index);
            }
        }

        Write(node, core, ready, installed, waiting);
        unavailable.ForEach(core.SnapshotUnavailable);
        MaybeCrashAfter(node, ready);
    }

    private void Write(SimulatedNode node, RaftCore core, RaftReady ready, RaftSnapshot? installed, List<RaftMessage> waiting)
    {
        ulong id = ready.WriteId;
        SimulatedWrite write = new(id, ready.HardState, [.. ready.Entries], installed, waiting);
        if (id != 0 && node.WritesAside && _options.EdgeMutant != EdgeMutant.MissingFsync)
        {
            core.AdvanceWriting();
            node.Writes.Enqueue(write);
            int start = node.Starts;
            _events.After(Between(node.DiskMicroseconds / 4, node.DiskMicroseconds * 4), () => WriteDone(node, start));
            return;
        }

        if (node.Writes.Count > 0)
        {
            // Nothing to write, but to wait for: behind the writes under way.
            node.Writes.Last().Messages.AddRange(waiting);
            core.AdvanceWriting();
            return;
        }

        if (id == 0)
        {
            // Not Advance: of a stopped process the disk may have finished writes, with a snapshot in them, that it has not heard of yet.
            waiting.ForEach(message => Send(node, message, []));
            core.AdvanceWriting();
            return;
        }

        if (_options.EdgeMutant == EdgeMutant.MissingFsync)
        {
            node.Unsynced.Enqueue(write with { Messages = [] });
            int start = node.Starts;
            _events.After(node.DiskMicroseconds * 20, () => Flush(node, start));
            Installed(node, installed);
            waiting.ForEach(message => Send(node, message, []));
        }
        else
        {
            Durable(node, write);
        }

        core.Advance();
    }

    private static void Flush(SimulatedNode node, int start)
    {
        if (node.Starts == start && node.Core is not null && node.Unsynced.TryDequeue(out SimulatedWrite? oldest))
        {
            node.Disk.Apply(oldest);
        }
    }

    private void WriteDone(SimulatedNode node, int start)
    {
        if (node.Starts != start || node.Core is null || !node.Writes.TryDequeue(out SimulatedWrite? write))
        {
            return;
        }

        // The disk goes on while the process is stopped.
        node.Disk.Apply(write);
        Input(node, core =>
        {
            Installed(node, write.Snapshot);
            write.Messages.ForEach(message => Send(node, message, []));
            core.Persisted(write.Id);
        }, mayBeLost: false);
    }

    private void Durable(SimulatedNode node, SimulatedWrite write)
    {
        node.Disk.Apply(write);
        Installed(node, write.Snapshot);
        write.Messages.ForEach(message => Send(node, message, []));
    }

    private void Installed(SimulatedNode node, RaftSnapshot? snapshot)
    {
        if (snapshot is null)
        {
            return;
        }

        node.Machine.Restore(snapshot.Data.ToArray());
        if (node.Machine.Applied != snapshot.Index)
        {
            throw new SimulationFailure("snapshot", $"node {node.Id} restores a state as of {node.Machine.Applied} that is labelled {snapshot.Index}");
        }

        _checker.Restored(node, snapshot.Index, node.Machine.Chain);
        ServeReads(node);
    }

    private void Mirror(SimulatedNode node, RaftCore core, RaftReady ready, RaftSnapshot? installed)
    {
        if (installed is not null)
        {
            ulong chain = SimulatedDisk.ChainOf(installed);
            _checker.Restored(node, installed.Index, chain);
            node.Log.Reset(installed.Index, chain, _checker.MembershipAt(installed.Index));
        }

        foreach (LogEntry entry in ready.Entries)
        {
            if (entry.Index > node.Log.LastIndex + 1 || entry.Index <= node.Log.BaseIndex)
            {
                throw new SimulationFailure("log order", $"node {node.Id} writes entry {entry.Index} where {node.Log.LastIndex + 1} must follow");
            }

            _checker.Appended(node.Id, entry.Index, entry.Term, node.Log.Append(entry with { Data = entry.Data.ToArray() }));
        }

        if (core.LastIndex < node.Log.LastIndex)
        {
            node.Log.RemoveFrom(core.LastIndex + 1);
        }
    }

    private void Apply(SimulatedNode node, IReadOnlyList<LogEntry> entries)
    {
        foreach (LogEntry entry in entries)
        {
            if (entry.Index != node.Machine.Applied + 1)
            {
                throw new SimulationFailure("state machine safety", $"node {node.Id} applies entry {entry.Index} after {node.Machine.Applied}");
            }

            node.Machine.Apply(entry, node.Log.ChainAt(entry.Index));
            if (node.Proposals.Remove(entry.Index, out (ulong Term, Action<bool> Done) proposal))
            {
                proposal.Done(proposal.Term == entry.Term);
            }
        }

        ServeReads(node);
    }

    private void ServeReads(SimulatedNode node)
    {
        for (int i = node.WaitingReads.Count - 1; i >= 0; i--)
        {
            (ulong index, Action serve) = node.WaitingReads[i];
            if (index <= node.Machine.Applied || _options.EdgeMutant == EdgeMutant.ReadBeforeApplied)
            {
                node.WaitingReads.RemoveAt(i);
                serve();
            }
        }
    }

    private void CheckNode(SimulatedNode node, RaftCore core)
    {
        if (core.Term < node.TermSeen)
        {
            throw new SimulationFailure("term", $"node {node.Id} goes back from term {node.TermSeen} to {core.Term}");
        }

        node.TermSeen = core.Term;
        if (core.CommitIndex < node.CommitSeen)
        {
            throw new SimulationFailure("commit index", $"node {node.Id} goes back from commit index {node.CommitSeen} to {core.CommitIndex}");
        }

        for (ulong index = Math.Max(node.CommitSeen, node.Log.BaseIndex) + 1; index <= core.CommitIndex; index++)
        {
            _checker.SawCommitted(node, index, core.Term, _nodes);
        }

        node.CommitSeen = core.CommitIndex;
        if (core.Role == RaftRole.Leader && node.RoleSeen != RaftRole.Leader)
        {
            _checker.Elected(node, core.Term);
        }

        node.RoleSeen = core.Role;
        if (!core.Membership.Equals(node.Log.Membership))
        {
            throw new SimulationFailure("membership", $"node {node.Id} goes by {core.Membership}, but its log says {node.Log.Membership}");
        }
    }

    private void TakeSnapshot(SimulatedNode node)
    {
        if (node.Core is not { } core || node.IsPaused || core.AppliedIndex != node.Machine.Applied || node.Machine.Applied <= node.Disk.Snapshot.Index
            || node.Writes.Count > 0 || node.Unsynced.Count > 0 || !core.TryGetTerm(node.Machine.Applied, out ulong term)
            || core.MembershipAt(node.Machine.Applied).Voters.Count == 0)
        {
            return;
        }

        ulong index = node.Machine.Applied;
        byte[] state = node.Machine.Save();
        node.Disk.Save(new RaftSnapshot(index, term, core.MembershipAt(index), new ReadOnlySequence<byte>(state)));
        core.SnapshotTaken(index, _random.Next(6));
        node.Log.Compact(index);
        Work(node);
    }
}
