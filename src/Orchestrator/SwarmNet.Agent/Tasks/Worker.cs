using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SwarmNet.Agent.Session;
using SwarmNet.Agent.Storage;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Tasks;

/// <summary>
/// The node's half of the dispatcher session (SwarmKit <c>agent/worker.go</c>): turns assignments into task managers, stores
/// every status before it is reported, removes tasks that are no longer assigned. Losing all managers stops nothing.
/// </summary>
public sealed partial class Worker : IAgentHost, IAsyncDisposable
{
    private readonly IExecutor _executor;
    private readonly TaskDatabase _database;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly DependencyStore _dependencies = new();
    private readonly ConcurrentDictionary<string, TaskManager> _managers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Task> _removals = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _applying = new(1);
    private readonly CancellationTokenSource _stopping = new();
    private bool _isStarted;

    /// <summary>A worker that does nothing until <see cref="StartAsync"/>.</summary>
    /// <param name="executor">Runs the tasks.</param>
    /// <param name="database">Tasks and statuses across restarts; owned by the caller.</param>
    /// <param name="time">Clock; the system's when null.</param>
    /// <param name="logger">Logger; none when null.</param>
    public Worker(IExecutor executor, TaskDatabase database, TimeProvider? time = null, ILogger<Worker>? logger = null)
    {
        (_executor, _database) = (executor, database);
        _time = time ?? TimeProvider.System;
        _logger = (ILogger?)logger ?? NullLogger.Instance;
    }

    /// <summary>
    /// Where statuses go. The session is made after the worker, and again after the node joins another swarm; while null,
    /// statuses are only stored, and <see cref="TaskStatuses"/> has them for the next registration.
    /// </summary>
    public IStatusReporter? Reporter { get; set; }

    /// <summary>Takes each session message: the node network reads the node object and the gossip keys from it.</summary>
    public Func<SessionMessage, CancellationToken, ValueTask>? SessionMessageHandler { get; set; }

    /// <inheritdoc />
    public IReadOnlyCollection<KeyValuePair<string, TaskStatus>> TaskStatuses =>
        [.. _managers.Select(m => KeyValuePair.Create(m.Key, m.Value.Status))];

    /// <inheritdoc />
    public NodeDescription Describe() => _executor.Describe();

    /// <inheritdoc />
    public ValueTask OnSessionMessageAsync(SessionMessage message, CancellationToken cancellationToken) =>
        SessionMessageHandler?.Invoke(message, cancellationToken) ?? ValueTask.CompletedTask;

    /// <summary>Removes what unassigned tasks left behind and takes up the assigned ones where they stood. Call once, before the session.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _applying.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_stopping.IsCancellationRequested, this);
            if (_isStarted)
            {
                return;
            }

            foreach (var stored in _database.Tasks.Values.Where(t => !t.IsAssigned || t.Task is null))
            {
                await _database.RemoveAsync(stored.Id);
            }

            await _executor.RemoveLeftoversAsync(_database.Tasks.Keys.ToHashSet(StringComparer.Ordinal), cancellationToken);
            foreach (var stored in _database.Tasks.Values)
            {
                StartManager(stored.Task!, stored.Status);
            }

            _isStarted = true;
        }
        finally
        {
            _applying.Release();
        }
    }

    /// <inheritdoc />
    public async ValueTask ApplyAsync(AssignmentsMessage message, CancellationToken cancellationToken)
    {
        await _applying.WaitAsync(cancellationToken);
        try
        {
            if (!_isStarted || _stopping.IsCancellationRequested)
            {
                throw new InvalidOperationException("The worker is not running: start it before the session.");
            }

            _dependencies.Apply(message);
            await ApplyTasksAsync(message);
        }
        finally
        {
            _applying.Release();
        }
    }

    /// <summary>Ends all loops. Containers go on running; the next worker over the same database adopts them.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _applying.WaitAsync();
        try
        {
            await Task.WhenAll(_managers.Values.Select(m => m.DisposeAsync().AsTask()));
            await Task.WhenAll(_removals.Values);
        }
        finally
        {
            _applying.Release();
        }
    }

    /// <summary>Removes every task and its container, as a node that leaves the swarm does.</summary>
    public async Task RemoveAllAsync(CancellationToken cancellationToken)
    {
        await _applying.WaitAsync(cancellationToken);
        try
        {
            foreach (var id in _managers.Keys)
            {
                await DropAsync(id);
            }

            await Task.WhenAll(_removals.Values).WaitAsync(cancellationToken);
        }
        finally
        {
            _applying.Release();
        }
    }

    private async Task ApplyTasksAsync(AssignmentsMessage message)
    {
        var assigned = new HashSet<string>(StringComparer.Ordinal);
        foreach (var change in message.Changes.Where(c => c.Assignment?.ItemCase == Assignment.ItemOneofCase.Task))
        {
            var task = change.Assignment.Task;
            if (change.Action == AssignmentChange.Types.AssignmentAction.Update)
            {
                assigned.Add(task.Id);
                await AssignAsync(task);
            }
            else
            {
                await DropAsync(task.Id);
            }
        }

        if (message.Type == AssignmentsMessage.Types.Type.Complete)
        {
            foreach (var id in _managers.Keys.Where(id => !assigned.Contains(id)))
            {
                await DropAsync(id);
            }
        }
    }

    private async Task AssignAsync(SwarmTask task)
    {
        // The manager may assign again what is being removed; the old container has to be gone first.
        if (_removals.TryGetValue(task.Id, out var removal))
        {
            await removal;
        }

        await _database.PutTaskAsync(task);
        if (_managers.TryGetValue(task.Id, out var manager))
        {
            manager.Update(task);
        }
        else
        {
            StartManager(task, null);
        }
    }

    private async Task DropAsync(string id)
    {
        if (!_managers.TryRemove(id, out var manager))
        {
            return;
        }

        await _database.SetAssignedAsync(id, false);
        _removals[id] = Task.Run(async () =>
        {
            try
            {
                await manager.RemoveAsync(_stopping.Token);
                await _database.RemoveAsync(id);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                // Unassigned in the database: the next start removes it.
            }
            catch (Exception e)
            {
                LogRemovalNotStored(id, e.Message);
            }
            finally
            {
                _removals.TryRemove(id, out _);
            }
        });
    }

    private void StartManager(SwarmTask task, TaskStatus? stored)
    {
        ITaskController controller;
        try
        {
            controller = _executor.CreateController(task, _dependencies);
        }
        catch (TaskException e)
        {
            controller = new FailedController(e);
        }

        // The assignment carries the manager's view; what this node stored is newer.
        var status = stored ?? task.Status ?? new TaskStatus { State = TaskState.Assigned };
        _managers[task.Id] = new TaskManager(task, status, controller, PublishAsync, _time, _logger);
    }

    private async Task PublishAsync(string taskId, TaskStatus status)
    {
        await _database.PutStatusAsync(taskId, status);
        Reporter?.Report(taskId, status.Clone());
    }

    [LoggerMessage(4110, LogLevel.Error, "Task {TaskId}: its removal could not be stored: {Error}")]
    private partial void LogRemovalNotStored(string taskId, string error);
}
