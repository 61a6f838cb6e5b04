namespace SwarmNet.Raft;

// What goes to the disk thread and comes back from it, and the state machine.
public sealed partial class RaftNode
{
    private readonly Stack<WriteJob> _freeJobs = new();
    private readonly List<WriteJob> _written = [];
    private int _jobsOut;
    private ulong _lastWriteId;
    private bool _toldFull;

    // The last entry applied to, or restored into, the state machine; behind the core's while a snapshot from the leader is being written.
    private ulong _machineIndex;
    private int _installing;

    private void Write(RaftReady ready, RaftSnapshot? installed)
    {
        if (!ready.MustSync && _jobsOut == 0)
        {
            SendAll(ready.Messages);
            return;
        }

        // What waits for a write that waits for space is old news by then, and the queue would grow as long as the disk is full.
        if (!ready.MustSync && (ready.Messages.Count == 0 || _disk.Full is not null))
        {
            return;
        }

        WriteJob job = NewJob();
        if (ready.MustSync)
        {
            _lastWriteId = ready.WriteId;
            job.Writes = true;
            job.HardState = ready.HardState;
            job.Entries.AddRange(ready.Entries);
            job.Snapshot = installed;
            _installing += installed is null ? 0 : 1;
        }

        for (int i = 0; i < ready.Messages.Count; i++)
        {
            // Entries alias the core's log, which may have moved on by then.
            RaftMessage message = ready.Messages[i];
            job.Messages.Add(message.Entries.IsEmpty ? message : message with { Entries = message.Entries.ToArray() });
        }

        Queue(job);
    }

    private WriteJob NewJob() => _freeJobs.TryPop(out WriteJob? job) ? job : new WriteJob();

    private void Queue(WriteJob job)
    {
        job.WriteId = _lastWriteId;
        _jobsOut++;
        _disk.Add(job);
    }

    private void TakeWritten()
    {
        if (_disk.Fault is { } fault)
        {
            throw fault;
        }

        TellOfFullDisk();
        _written.Clear();
        _disk.TakeDone(_written);
        foreach (WriteJob job in _written)
        {
            _jobsOut--;
            if (job.Snapshot is { } snapshot)
            {
                Restore(snapshot);
            }

            SendAll(job.Messages);
            _core.Persisted(job.WriteId);
            TakeAnswer(job);
            job.Clear();
            _freeJobs.Push(job);
        }

        TakeSavedSnapshot();
    }

    private void TellOfFullDisk()
    {
        string? problem = DiskProblem;
        if (problem is null == _toldFull)
        {
            _toldFull = !_toldFull;
            if (problem is null)
            {
                LogSpaceAgain(_logger, _options.NodeId);
            }
            else
            {
                LogFull(_logger, _options.NodeId, problem);
            }
        }
    }

    private void Restore(RaftSnapshot snapshot)
    {
        _installing--;
        _machine.RestoreSnapshot(snapshot.Index, snapshot.Data);
        _machineIndex = snapshot.Index;
        _snapshotIndex = Math.Max(_snapshotIndex, snapshot.Index);
        ServeReads();
    }

    private void Apply(IReadOnlyList<LogEntry> entries)
    {
        for (int i = 0; i < entries.Count; i++)
        {
            LogEntry entry = entries[i];
            if (entry.Type == EntryType.Command)
            {
                _machine.Apply(entry.Index, entry.Data.Span);
            }
            else if (entry.Type is not (EntryType.Noop or EntryType.Membership))
            {
                throw new RaftException($"Entry {entry.Index} has the unknown type {(byte)entry.Type}; run the program version that wrote it.");
            }

            _machineIndex = entry.Index;
            Applied(entry);
        }
    }
}
