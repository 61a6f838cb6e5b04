using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Dispatcher;

/// <summary>
/// Collects the statuses that nodes report and writes them to the store: the first at once, then at most one write per pause. Statuses that
/// are lost with this manager come again, because nodes re-report everything after each registration.
/// </summary>
internal sealed partial class StatusBatch(ClusterStore store, string managerId, TimeProvider time, ILogger logger)
{
    /// <summary>The pause between writes.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly Channel<bool> _filled = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    // Bounded by the tasks of the store: reports of unknown tasks are dropped before.
    private Dictionary<string, TaskStatus> _statuses = new(StringComparer.Ordinal);

    /// <summary>Takes a status; of two for one task the one that is further on stays.</summary>
    public void Add(string taskId, TaskStatus status)
    {
        lock (_lock)
        {
            if (!_statuses.TryGetValue(taskId, out var waiting) || waiting.State <= status.State)
            {
                _statuses[taskId] = status;
            }
        }

        _filled.Writer.TryWrite(true);
    }

    /// <summary>Writes until cancelled, and then once more what is left.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await _filled.Reader.ReadAsync(cancellationToken);
                await WriteAsync(CancellationToken.None);
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            await WriteAsync(CancellationToken.None);
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        KeyValuePair<string, TaskStatus>[] statuses;
        lock (_lock)
        {
            statuses = [.. _statuses];
            _statuses = new Dictionary<string, TaskStatus>(StringComparer.Ordinal);
        }

        try
        {
            await store.UpdateBatchAsync(statuses, (transaction, status) => Apply(transaction, status.Key, status.Value), cancellationToken);
        }
        catch (Exception failure)
        {
            // Whatever it was, the next batch must be tried.
            StatusesLost(statuses.Length, failure.Message);
        }
    }

    private void Apply(StoreTransaction transaction, string taskId, TaskStatus status)
    {
        if (transaction.View.Tasks.Get(taskId) is not { } stored || stored.Status?.State > status.State || IsSame(stored.Status, status))
        {
            // Gone, or an old report: states only move forward.
            return;
        }

        var task = stored.Clone();
        task.Status = status.Clone();
        task.Status.AppliedBy = managerId;
        task.Status.AppliedAt = transaction.Now;
        transaction.Update(task);
    }

    private static bool IsSame(TaskStatus? stored, TaskStatus reported)
    {
        if (stored is null || stored.State != reported.State)
        {
            return false;
        }

        var bare = stored.Clone();
        bare.AppliedBy = reported.AppliedBy;
        bare.AppliedAt = reported.AppliedAt;
        return bare.Equals(reported);
    }

    [LoggerMessage(2100, LogLevel.Warning, "{Count} task statuses could not be stored: {Reason} Their nodes report them again.")]
    private partial void StatusesLost(int count, string reason);
}
