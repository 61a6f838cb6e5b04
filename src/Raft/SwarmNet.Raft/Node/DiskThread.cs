namespace SwarmNet.Raft;

/// <summary>
/// The thread that owns the log on disk. It takes all jobs that wait and makes one batch of them: one write, one fsync (group commit). A full disk
/// is waited out; any other failure ends the thread, and with it the node.
/// </summary>
internal sealed class DiskThread
{
    private const int MaxGroupBytes = 8 << 20;
    private static readonly TimeSpan s_retryInterval = TimeSpan.FromMilliseconds(250);

    private readonly WriteAheadLog _log;
    private readonly SnapshotStore _snapshots;
    private readonly Action _wake;
    private readonly Thread _thread;
    private readonly object _gate = new();
    private readonly List<WriteJob> _members = [];
    private readonly List<LogEntry> _entries = [];

    // Under the gate: jobs for the disk, jobs that are done.
    private readonly List<WriteJob> _done = [];
    private Queue<WriteJob> _waiting = new();
    private bool _stopping;

    private Queue<WriteJob> _group = new();
    private Exception? _fault;
    private RaftDiskFullException? _full;

    /// <summary><paramref name="wake"/> is called whenever there is news.</summary>
    public DiskThread(WriteAheadLog log, SnapshotStore snapshots, ulong nodeId, Action wake)
    {
        _log = log;
        _snapshots = snapshots;
        _wake = wake;
        _thread = new Thread(Run) { IsBackground = true, Name = $"raft-disk-{nodeId:x}" };
    }

    /// <summary>What ended the thread.</summary>
    public Exception? Fault => Volatile.Read(ref _fault);

    /// <summary>While the disk is full: the sentence that says so.</summary>
    public RaftDiskFullException? Full => Volatile.Read(ref _full);

    public void Start() => _thread.Start();

    public void Add(WriteJob job)
    {
        lock (_gate)
        {
            _waiting.Enqueue(job);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Moves the finished jobs to <paramref name="destination"/>, oldest first.</summary>
    public void TakeDone(List<WriteJob> destination)
    {
        lock (_gate)
        {
            destination.AddRange(_done);
            _done.Clear();
        }
    }

    /// <summary>Ends the thread after the write that it is at; what waits is dropped, as in a crash.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.Pulse(_gate);
        }

        _thread.Join();
    }

    private void Run()
    {
        try
        {
            while (TakeWaiting())
            {
                while (_group.Count > 0)
                {
                    if (!WriteGroup())
                    {
                        return;
                    }
                }
            }
        }
        catch (Exception exception)
        {
            Volatile.Write(ref _fault, exception);
            _wake();
        }
    }

    private bool TakeWaiting()
    {
        lock (_gate)
        {
            while (_waiting.Count == 0 && !_stopping)
            {
                Monitor.Wait(_gate);
            }

            (_waiting, _group) = (_group, _waiting);
            return !_stopping;
        }
    }

    // False: stopped.
    private bool WriteGroup()
    {
        WriteJob last = Merge(out bool writes, out ulong compactIndex);
        RaftSnapshot? snapshot = _members[0].Snapshot;
        if (writes && !Write(last.HardState, snapshot))
        {
            return false;
        }

        if (snapshot is not null || compactIndex > 0)
        {
            _log.Compact(snapshot is null ? compactIndex : _snapshots.OldestIndex);
        }

        foreach (WriteJob job in _members)
        {
            DoKeyWork(job);
        }

        lock (_gate)
        {
            _done.AddRange(_members);
        }

        _wake();
        return true;
    }

    // As many jobs as make one batch: a snapshot voids what is before it, so it begins one. Returns the last job that writes.
    private WriteJob Merge(out bool writes, out ulong compactIndex)
    {
        _members.Clear();
        _entries.Clear();
        writes = false;
        compactIndex = 0;
        WriteJob last = _group.Peek();
        long bytes = 0;
        while (_group.TryPeek(out WriteJob? job) && bytes < MaxGroupBytes && (job.Snapshot is null || _members.Count == 0))
        {
            _members.Add(_group.Dequeue());
            compactIndex = Math.Max(compactIndex, job.CompactIndex);
            if (job.Writes)
            {
                last = job;
                writes = true;
                _entries.AddRange(job.Entries);
                foreach (LogEntry entry in job.Entries)
                {
                    bytes += entry.Data.Length + RecordHeader.OverheadBytes;
                }
            }
        }

        return last;
    }

    // Nothing else waits for it: a full disk is told to who asked.
    private void DoKeyWork(WriteJob job)
    {
        try
        {
            switch (job.KeyWork)
            {
                case KeyWork.Rotate:
                    _log.Rotate();
                    job.Answer = _log.LastIndexOfOlderKeys;
                    break;
                case KeyWork.DropOlder:
                    _snapshots.DropOlderKeys(_log.LastIndexOfOlderKeys);
                    _log.Compact(_snapshots.OldestIndex);
                    job.Answer = _log.CurrentKeyOfAll ?? ulong.MaxValue;
                    break;
            }
        }
        catch (RaftDiskFullException exception)
        {
            job.Refused = exception;
        }
    }

    private bool Write(in HardState hardState, RaftSnapshot? snapshot)
    {
        while (true)
        {
            try
            {
                if (snapshot is not null)
                {
                    _snapshots.Save(snapshot);
                }

                _log.Append(hardState, _entries, snapshot);
                Volatile.Write(ref _full, null);
                return true;
            }
            catch (RaftDiskFullException exception)
            {
                // Nothing of it is on disk, and nobody was told so: it can be tried again.
                bool news = Interlocked.Exchange(ref _full, exception) is null;
                if (news)
                {
                    _wake();
                }

                if (!WaitForSpace())
                {
                    return false;
                }
            }
        }
    }

    private bool WaitForSpace()
    {
        lock (_gate)
        {
            if (!_stopping)
            {
                Monitor.Wait(_gate, s_retryInterval);
            }

            return !_stopping;
        }
    }
}
