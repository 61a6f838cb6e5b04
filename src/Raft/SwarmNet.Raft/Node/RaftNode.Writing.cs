using System.Buffers;

namespace SwarmNet.Raft;

// What goes to the disk thread and comes back from it, the state machine, and snapshots of it.
public sealed partial class RaftNode
{
    private readonly Stack<WriteJob> _freeJobs = new();
    private readonly List<WriteJob> _written = [];
    private int _jobsOut;
    private ulong _lastWriteId;

    // The last entry applied to, or restored into, the state machine; behind the core's while a snapshot from the leader is being written.
    private ulong _machineIndex;
    private int _installing;

    // The newest snapshot on disk, and one that is on its way there.
    private ulong _snapshotIndex;
    private ulong _snapshotDueIndex;
    private Thread? _savingSnapshot;
    private RaftSnapshot? _savedSnapshot;
    private Exception? _snapshotFault;

    private void Write(RaftReady ready, RaftSnapshot? installed)
    {
        if (!ready.MustSync && _jobsOut == 0)
        {
            SendAll(ready.Messages);
            return;
        }

        if (!ready.MustSync && ready.Messages.Count == 0)
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
            job.Clear();
            _freeJobs.Push(job);
        }

        TakeSavedSnapshot();
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

    // The state is copied here, between two entries; a thread of its own writes the copy.
    private void TakeSnapshotWhenDue()
    {
        ulong applied = _core.AppliedIndex;
        if (_options.SnapshotEntries == 0 || _savingSnapshot is not null || _installing > 0 || applied != _machineIndex
            || applied < Math.Max(_snapshotIndex + (ulong)_options.SnapshotEntries, _snapshotDueIndex)
            || !_core.TryGetTerm(applied, out ulong term)
            // A node that joins knows no membership until an entry tells it: a snapshot without one would be of no use to anybody.
            || _core.MembershipAt(applied) is not { Voters.Count: > 0 } membership)
        {
            return;
        }

        ArrayBufferWriter<byte> writer = new();
        _machine.WriteSnapshot(writer);
        RaftSnapshot snapshot = new(applied, term, membership, new ReadOnlySequence<byte>(writer.WrittenMemory));
        _savingSnapshot = new Thread(() => Save(snapshot)) { IsBackground = true, Name = $"raft-snapshot-{_options.NodeId:x}" };
        _savingSnapshot.Start();
    }

    // On the thread of its own.
    private void Save(RaftSnapshot snapshot)
    {
        try
        {
            _snapshots.Save(snapshot);
        }
        catch (Exception exception)
        {
            Volatile.Write(ref _snapshotFault, exception);
        }

        Volatile.Write(ref _savedSnapshot, snapshot);
        _inbox.WakeUp();
    }

    private void TakeSavedSnapshot()
    {
        if (Volatile.Read(ref _savedSnapshot) is not { } snapshot)
        {
            return;
        }

        _savingSnapshot!.Join();
        _savingSnapshot = null;
        _savedSnapshot = null;
        if (_snapshotFault is RaftDiskFullException full)
        {
            // Later again: the log is whole without it.
            _snapshotFault = null;
            _snapshotDueIndex = _core.AppliedIndex + (ulong)Math.Max(1, _options.SnapshotEntries / 10);
            LogSnapshotPutOff(_logger, _options.NodeId, full.Message);
            return;
        }

        if (_snapshotFault is { } fault)
        {
            throw fault;
        }

        // One from the leader may have come in between.
        if (snapshot.Index > _snapshotIndex && _installing == 0)
        {
            _snapshotIndex = snapshot.Index;
            _core.SnapshotTaken(snapshot.Index, _options.SnapshotEntries);
            WriteJob job = NewJob();
            job.CompactIndex = _snapshots.OldestIndex;
            Queue(job);
            LogSnapshot(_logger, _options.NodeId, snapshot.Index, snapshot.Data.Length);
        }
    }
}
