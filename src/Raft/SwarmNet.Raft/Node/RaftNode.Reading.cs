using System.Runtime.InteropServices;

namespace SwarmNet.Raft;

// Linearizable reads (thesis §6.4). All that come in one round of inputs share one question.
public sealed partial class RaftNode
{
    private const int DeadlineTimeouts = 4;

    // Came in, not asked yet.
    private readonly List<TaskCompletionSource<ulong>> _newReads = [];

    // Asked; the answer may be lost.
    private readonly List<ReadBatch> _askedReads = [];

    // The index is known; by index. It may lie beyond what this node gets to see of a leader that is gone.
    private readonly PriorityQueue<ReadBatch, ulong> _knownReads = new();

    private void AskForReads()
    {
        if (_newReads.Count > 0)
        {
            _askedReads.Add(Ask(new ReadBatch(0, _ticks, _ticks + (DeadlineTimeouts * _options.ElectionTicks), [.. _newReads])));
            _newReads.Clear();
        }
    }

    // Without a leader it is asked again with the next tick.
    private ReadBatch Ask(ReadBatch batch) => batch with { Id = _core.TryReadIndex(out ulong id) ? id : 0, AskedAt = _ticks };

    private void TakeReads(IReadOnlyList<RaftRead> reads)
    {
        for (int i = 0; i < reads.Count; i++)
        {
            RaftRead read = reads[i];
            int at = _askedReads.FindIndex(batch => batch.Id == read.Id);
            if (at >= 0)
            {
                _knownReads.Enqueue(_askedReads[at], read.Index);
                _askedReads.RemoveAt(at);
            }
        }

        ServeReads();
    }

    private void ServeReads()
    {
        while (_knownReads.TryPeek(out ReadBatch known, out ulong index) && index <= _machineIndex)
        {
            _knownReads.Dequeue();
            known.Waiting.ForEach(read => read.TrySetResult(index));
        }
    }

    private void TickReads()
    {
        Span<ReadBatch> batches = CollectionsMarshal.AsSpan(_askedReads);
        for (int i = 0; i < batches.Length; i++)
        {
            // A new question has a new id: a late answer to the old one does not count (etcd issue 20418).
            if (batches[i].Id == 0 || _ticks - batches[i].AskedAt >= _options.ElectionTicks)
            {
                batches[i] = Ask(batches[i]);
            }
        }

        int kept = 0;
        foreach (ReadBatch batch in batches)
        {
            if (_ticks < batch.Deadline)
            {
                batches[kept++] = batch;
                continue;
            }

            GiveUp(batch);
        }

        CollectionsMarshal.SetCount(_askedReads, kept);
        GiveUpKnown();
    }

    private void GiveUpKnown()
    {
        bool isLate = false;
        foreach ((ReadBatch known, _) in _knownReads.UnorderedItems)
        {
            isLate |= _ticks >= known.Deadline;
        }

        if (!isLate)
        {
            return;
        }

        List<(ReadBatch Known, ulong Index)> all = [.. _knownReads.UnorderedItems];
        _knownReads.Clear();
        foreach ((ReadBatch known, ulong index) in all)
        {
            if (_ticks < known.Deadline)
            {
                _knownReads.Enqueue(known, index);
            }
            else
            {
                GiveUp(known);
            }
        }
    }

    private void GiveUp(in ReadBatch batch)
    {
        RaftUnavailableException unavailable = new(
            $"No leader with a majority confirmed a read at Raft node {_options.NodeId:x} within {DeadlineTimeouts} election timeouts; "
            + $"of {_core.Membership} a majority must run and be reachable.");
        batch.Waiting.ForEach(read => read.TrySetException(unavailable));
    }

    private void FailReads(Exception exception)
    {
        _newReads.ForEach(read => read.TrySetException(exception));
        foreach (ReadBatch batch in _askedReads)
        {
            batch.Waiting.ForEach(read => read.TrySetException(exception));
        }

        while (_knownReads.TryDequeue(out ReadBatch known, out _))
        {
            known.Waiting.ForEach(read => read.TrySetException(exception));
        }
    }

    private readonly record struct ReadBatch(ulong Id, long AskedAt, long Deadline, List<TaskCompletionSource<ulong>> Waiting);
}
