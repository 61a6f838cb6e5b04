using System.Collections.Concurrent;
using System.Collections.Immutable;
using Google.Protobuf;
using Microsoft.Win32.SafeHandles;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Storage;

/// <summary>
/// The node's tasks, their last statuses and whether they are assigned (SwarmKit <c>worker/tasks.db</c>), in one append-only
/// log. A change is on disk when its task completes; changes made at the same time share one flush. A torn end, as a crash
/// leaves it, is cut off at open: such a change was never acknowledged. Secrets are never written here.
/// </summary>
public sealed class TaskDatabase : IAsyncDisposable
{
    private const string FileName = "tasks.log";
    private const long CompactionBytes = 1 << 20;

    private readonly string _folder;
    private readonly BlockingCollection<Change> _changes = [];
    private readonly Thread _writer;
    private readonly TaskCompletionSource _writerEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SafeFileHandle _file;
    private long _length;
    private long _compactAt;
    private ImmutableDictionary<string, StoredTask> _tasks;

    private TaskDatabase(string folder, SafeFileHandle file, long length, ImmutableDictionary<string, StoredTask> tasks, long cutBytes)
    {
        (_folder, _file, _length, _tasks, CutBytes) = (folder, file, length, tasks, cutBytes);
        _compactAt = Math.Max(CompactionBytes, 4 * length);
        _writer = new Thread(WriteLoop) { IsBackground = true, Name = "task database" };
        _writer.Start();
    }

    /// <summary>All stored tasks by id: a snapshot of what is on disk.</summary>
    public IReadOnlyDictionary<string, StoredTask> Tasks => _tasks;

    /// <summary>Bytes that open found torn or damaged at the end of the log, and cut off.</summary>
    public long CutBytes { get; }

    /// <summary>Opens or creates the database in <paramref name="folder"/>; one process at a time.</summary>
    /// <exception cref="IOException">The folder cannot be used, or another process has it open.</exception>
    public static TaskDatabase Open(string folder)
    {
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var path = Path.Combine(folder, FileName);
        var file = OpenLog(path);
        var log = new byte[RandomAccess.GetLength(file)];
        var read = 0;
        while (read < log.Length && RandomAccess.Read(file, log.AsSpan(read), read) is var n and > 0)
        {
            read += n;
        }

        var tasks = ImmutableDictionary.CreateBuilder<string, StoredTask>(StringComparer.Ordinal);
        var rest = log.AsSpan(0, read);
        while (TaskLogRecord.TryRead(rest, out var record, out var bytes) && TryApply(tasks, record))
        {
            rest = rest[bytes..];
        }

        var length = read - rest.Length;
        if (rest.Length > 0)
        {
            RandomAccess.SetLength(file, length);
            RandomAccess.FlushToDisk(file);
        }

        FlushFolder(folder);
        return new TaskDatabase(folder, file, length, tasks.ToImmutable(), rest.Length);
    }

    /// <summary>Stores the assignment and marks the task assigned.</summary>
    public Task PutTaskAsync(SwarmTask task) => AddAsync(new TaskLogRecord(TaskLogKind.Task, task.Id, task.ToByteArray()).ToArray());

    /// <summary>Stores the status; durable when the returned task completes.</summary>
    public Task PutStatusAsync(string taskId, TaskStatus status) =>
        AddAsync(new TaskLogRecord(TaskLogKind.Status, taskId, status.ToByteArray()).ToArray());

    /// <summary>Marks the task as dropped by the manager (or as assigned again).</summary>
    public Task SetAssignedAsync(string taskId, bool isAssigned) => isAssigned
        ? _tasks.TryGetValue(taskId, out var stored) && stored.Task is { } task ? PutTaskAsync(task) : Task.CompletedTask
        : AddAsync(new TaskLogRecord(TaskLogKind.Unassigned, taskId, []).ToArray());

    /// <summary>Forgets the task.</summary>
    public Task RemoveAsync(string taskId) => AddAsync(new TaskLogRecord(TaskLogKind.Removed, taskId, []).ToArray());

    /// <summary>Writes what is queued and closes the log.</summary>
    public async ValueTask DisposeAsync()
    {
        _changes.CompleteAdding();
        await _writerEnded.Task;
    }

    private static SafeFileHandle OpenLog(string path) =>
        File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    private static bool TryApply(ImmutableDictionary<string, StoredTask>.Builder tasks, TaskLogRecord record)
    {
        var old = tasks.GetValueOrDefault(record.Id) ?? new StoredTask(record.Id, null, null, false);
        try
        {
            switch (record.Kind)
            {
                case TaskLogKind.Task:
                    tasks[record.Id] = old with { Task = SwarmTask.Parser.ParseFrom(record.Body), IsAssigned = true };
                    return true;
                case TaskLogKind.Status:
                    tasks[record.Id] = old with { Status = TaskStatus.Parser.ParseFrom(record.Body) };
                    return true;
                case TaskLogKind.Unassigned:
                    tasks[record.Id] = old with { IsAssigned = false };
                    return true;
                case TaskLogKind.Removed:
                    tasks.Remove(record.Id);
                    return true;
                default:
                    return false;
            }
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }

    private static void FlushFolder(string folder)
    {
        using var handle = Executor.LibC.OpenFolder(folder);
        Executor.LibC.Flush(handle);
    }

    private Task AddAsync(byte[] record)
    {
        var change = new Change(record, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        try
        {
            _changes.Add(change);
        }
        catch (InvalidOperationException)
        {
            return Task.FromException(new ObjectDisposedException(nameof(TaskDatabase)));
        }

        return change.Done.Task;
    }

    // A thread of its own: flushing blocks for as long as the disk takes.
    private void WriteLoop()
    {
        var batch = new List<Change>();
        foreach (var first in _changes.GetConsumingEnumerable())
        {
            batch.Clear();
            batch.Add(first);
            while (batch.Count < 1024 && _changes.TryTake(out var more))
            {
                batch.Add(more);
            }

            Write(batch);
        }

        _file.Dispose();
        _writerEnded.SetResult();
    }

    private void Write(List<Change> batch)
    {
        try
        {
            var offset = _length;
            foreach (var change in batch)
            {
                RandomAccess.Write(_file, change.Record, offset);
                offset += change.Record.Length;
            }

            RandomAccess.FlushToDisk(_file);
            _length = offset;
        }
        catch (Exception e)
        {
            Cut();
            batch.ForEach(c => c.Done.SetException(new IOException($"The task database in {_folder} could not be written: {e.Message}", e)));
            return;
        }

        var tasks = _tasks.ToBuilder();
        foreach (var change in batch)
        {
            TaskLogRecord.TryRead(change.Record, out var record, out _);
            TryApply(tasks, record);
        }

        _tasks = tasks.ToImmutable();
        batch.ForEach(c => c.Done.SetResult());
        Compact();
    }

    // What a failed write left must not follow a later good record.
    private void Cut()
    {
        try
        {
            RandomAccess.SetLength(_file, _length);
        }
        catch (IOException)
        {
            // The next write overwrites it; open cuts what remains.
        }
    }

    private void Compact()
    {
        if (_length < _compactAt)
        {
            return;
        }

        var path = Path.Combine(_folder, FileName);
        var fresh = path + ".new";
        try
        {
            File.Delete(fresh);
            var file = OpenLog(fresh);
            long length = 0;
            foreach (var record in _tasks.Values.SelectMany(Records))
            {
                RandomAccess.Write(file, record, length);
                length += record.Length;
            }

            RandomAccess.FlushToDisk(file);
            File.Move(fresh, path, overwrite: true);
            FlushFolder(_folder);
            _file.Dispose();
            (_file, _length, _compactAt) = (file, length, Math.Max(CompactionBytes, 4 * length));
        }
        catch (IOException)
        {
            // The long log is still right; try again when it has doubled.
            _compactAt = 2 * _length;
        }
    }

    private static IEnumerable<byte[]> Records(StoredTask stored)
    {
        if (stored.Task is not null)
        {
            yield return new TaskLogRecord(TaskLogKind.Task, stored.Id, stored.Task.ToByteArray()).ToArray();
        }

        if (stored.Status is not null)
        {
            yield return new TaskLogRecord(TaskLogKind.Status, stored.Id, stored.Status.ToByteArray()).ToArray();
        }

        if (!stored.IsAssigned)
        {
            yield return new TaskLogRecord(TaskLogKind.Unassigned, stored.Id, []).ToArray();
        }
    }

    private readonly record struct Change(byte[] Record, TaskCompletionSource Done);
}
