using System.Threading.Channels;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Session;

/// <summary>Task statuses that no manager has yet: the newest of each task. Outlives sessions. Thread-safe.</summary>
internal sealed class StatusQueue
{
    /// <summary>Most statuses in one call.</summary>
    public const int MaxBatch = 100;

    // A stock manager takes 4 MiB per message.
    private const int MaxBatchBytes = 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, TaskStatus> _statuses = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();
    private readonly Channel<bool> _filled = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Takes a status; it replaces an unsent one of the same task, in that one's place.</summary>
    public void Add(string taskId, TaskStatus status)
    {
        lock (_lock)
        {
            if (!_statuses.ContainsKey(taskId))
            {
                _order.Enqueue(taskId);
            }

            _statuses[taskId] = status;
        }

        _filled.Writer.TryWrite(true);
    }

    /// <summary>Takes a status that may be older than an unsent one of its task.</summary>
    public void AddOlder(string taskId, TaskStatus status)
    {
        lock (_lock)
        {
            if (_statuses.ContainsKey(taskId))
            {
                return;
            }
        }

        Add(taskId, status);
    }

    /// <summary>The next batch, oldest first; waits for one. The caller gives back (<see cref="AddOlder"/>) what it could not send.</summary>
    public async Task<List<KeyValuePair<string, TaskStatus>>> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (Take() is { Count: > 0 } batch)
            {
                return batch;
            }

            await _filled.Reader.ReadAsync(cancellationToken);
        }
    }

    private List<KeyValuePair<string, TaskStatus>> Take()
    {
        lock (_lock)
        {
            var batch = new List<KeyValuePair<string, TaskStatus>>();
            var sizeBytes = 0;
            while (batch.Count < MaxBatch && sizeBytes < MaxBatchBytes && _order.TryDequeue(out var taskId))
            {
                _statuses.Remove(taskId, out var status);
                batch.Add(KeyValuePair.Create(taskId, status!));
                sizeBytes += status!.CalculateSize();
            }

            return batch;
        }
    }
}
