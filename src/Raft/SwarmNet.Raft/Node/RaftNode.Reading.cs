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

    // The index is known; by index.
    private readonly PriorityQueue<List<TaskCompletionSource<ulong>>, ulong> _knownReads = new();

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
                _knownReads.Enqueue(_askedReads[at].Waiting, read.Index);
                _askedReads.RemoveAt(at);
            }
        }

        ServeReads();
    }

    private void ServeReads()
    {
        while (_knownReads.TryPeek(out List<TaskCompletionSource<ulong>>? waiting, out ulong index) && index <= _machineIndex)
        {
            _knownReads.Dequeue();
            waiting.ForEach(read => read.TrySetResult(index));
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

            RaftUnavailableException unavailable = new(
                $"No leader with a majority confirmed a read at Raft node {_options.NodeId:x} within {DeadlineTimeouts} election timeouts; "
                + $"of {_core.Membership} a majority must run and be reachable.");
            batch.Waiting.ForEach(read => read.TrySetException(unavailable));
        }

        CollectionsMarshal.SetCount(_askedReads, kept);
    }

    private void FailReads(Exception exception)
    {
        _newReads.ForEach(read => read.TrySetException(exception));
        foreach (ReadBatch batch in _askedReads)
        {
            batch.Waiting.ForEach(read => read.TrySetException(exception));
        }

        while (_knownReads.TryDequeue(out List<TaskCompletionSource<ulong>>? waiting, out _))
        {
            waiting.ForEach(read => read.TrySetException(exception));
        }
    }

    private readonly record struct ReadBatch(ulong Id, long AskedAt, long Deadline, List<TaskCompletionSource<ulong>> Waiting);
}
