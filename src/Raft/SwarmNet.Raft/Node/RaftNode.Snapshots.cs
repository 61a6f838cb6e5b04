using System.Buffers;

namespace SwarmNet.Raft;

// Snapshots of the state machine.
public sealed partial class RaftNode
{
    // Entries that stay in memory for slow followers when snapshots are only taken on request.
    private const int DefaultKeepEntries = 10_000;

    // Who waits for a snapshot, and of which entry at least.
    private readonly List<(ulong Index, TaskCompletionSource<ulong> Completion)> _snapshotsAsked = [];
    private int _snapshotEntries;

    // The newest snapshot on disk, and one that is on its way there.
    private ulong _snapshotIndex;
    private ulong _snapshotDueIndex;
    private Thread? _savingSnapshot;
    private RaftSnapshot? _savedSnapshot;
    private bool _isSnapshotDone;
    private Exception? _snapshotFault;

    // The state is taken hold of here, between two entries; a thread of its own writes it.
    private void TakeSnapshotWhenDue()
    {
        ulong applied = _core.AppliedIndex;
        if (_savingSnapshot is not null || _installing > 0 || applied != _machineIndex)
        {
            return;
        }

        AnswerSnapshots();
        if (!IsSnapshotDue(applied)
            || !_core.TryGetTerm(applied, out ulong term)
            // A node that joins knows no membership until an entry tells it: a snapshot without one would be of no use to anybody.
            || _core.MembershipAt(applied) is not { Voters.Count: > 0 } membership)
        {
            return;
        }

        Action<IBufferWriter<byte>> writeTo = _machine.CaptureSnapshot();
        _savingSnapshot = new Thread(() => Save(applied, term, membership, writeTo)) { IsBackground = true, Name = $"raft-snapshot-{_options.NodeId:x}" };
        _savingSnapshot.Start();
    }

    private bool IsSnapshotDue(ulong applied)
    {
        foreach ((ulong index, _) in _snapshotsAsked)
        {
            if (index <= applied)
            {
                return true;
            }
        }

        int entries = SnapshotEntries;
        return entries > 0 && applied >= Math.Max(_snapshotIndex + (ulong)entries, _snapshotDueIndex);
    }

    private void AnswerSnapshots(RaftException? refused = null)
    {
        if (_snapshotsAsked.Count == 0)
        {
            return;
        }

        _snapshotsAsked.RemoveAll(asked => refused is not null ? asked.Completion.TrySetException(refused)
            : asked.Index <= _snapshotIndex && (asked.Completion.TrySetResult(_snapshotIndex) || true));
    }

    // On the thread of its own.
    private void Save(ulong index, ulong term, RaftMembership membership, Action<IBufferWriter<byte>> writeTo)
    {
        try
        {
            ArrayBufferWriter<byte> writer = new();
            writeTo(writer);
            RaftSnapshot snapshot = new(index, term, membership, new ReadOnlySequence<byte>(writer.WrittenMemory));
            _snapshots.Save(snapshot);
            _savedSnapshot = snapshot;
        }
        catch (Exception exception)
        {
            _snapshotFault = exception;
        }

        Volatile.Write(ref _isSnapshotDone, true);
        _inbox.WakeUp();
    }

    private void TakeSavedSnapshot()
    {
        if (!Volatile.Read(ref _isSnapshotDone))
        {
            return;
        }

        _savingSnapshot!.Join();
        _savingSnapshot = null;
        _isSnapshotDone = false;
        RaftSnapshot? snapshot = _savedSnapshot;
        _savedSnapshot = null;
        if (_snapshotFault is RaftDiskFullException full)
        {
            // Later again: the log is whole without it.
            _snapshotFault = null;
            _snapshotDueIndex = _core.AppliedIndex + (ulong)Math.Max(1, SnapshotEntries / 10);
            LogSnapshotPutOff(_logger, _options.NodeId, full.Message);
            AnswerSnapshots(full);
            return;
        }

        if (_snapshotFault is { } fault)
        {
            throw fault;
        }

        // One from the leader may have come in between.
        if (snapshot!.Index > _snapshotIndex && _installing == 0)
        {
            _snapshotIndex = snapshot.Index;
            int entries = SnapshotEntries;
            _core.SnapshotTaken(snapshot.Index, entries > 0 ? entries : DefaultKeepEntries);
            WriteJob job = NewJob();
            job.CompactIndex = _snapshots.OldestIndex;
            Queue(job);
            LogSnapshot(_logger, _options.NodeId, snapshot.Index, snapshot.Data.Length);
        }
    }
}
