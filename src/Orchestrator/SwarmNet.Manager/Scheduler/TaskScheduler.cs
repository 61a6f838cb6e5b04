using System.Collections.Concurrent;
using SwarmNet.Manager.Reconcile;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Scheduler;

/// <summary>
/// Places pending tasks on nodes (SwarmKit <c>manager/scheduler</c>): filters, then ranking. The working set of nodes follows the events,
/// so that placing a task never looks at all tasks. A task that cannot be placed says why, and is tried again when something changes.
/// </summary>
internal sealed partial class TaskScheduler : IReconciler
{
    private const int BatchSize = 150;

    // Tasks arrive from the allocator in whole batches already: a short pause is enough to see a service's tasks together.
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private readonly SortedDictionary<string, NodeInfo> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SwarmTask> _pending = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SwarmTask> _unplaced = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, IReadOnlyList<NodeRefusal>> _refusals = new(StringComparer.Ordinal);
    private DateTimeOffset? _firstEvent;
    private DateTimeOffset _lastEvent;

    /// <inheritdoc/>
    public DateTimeOffset? Due => _pending.Count == 0 || _firstEvent is not { } first ? null
        : _lastEvent + Quiet < first + LongestWait ? _lastEvent + Quiet : first + LongestWait;

    /// <summary>For a task that waits: every node that was refused, with the rule that refused it. Safe from any thread.</summary>
    public IReadOnlyList<NodeRefusal> RefusalsOf(string taskId) => _refusals.GetValueOrDefault(taskId, []);

    /// <inheritdoc/>
    public bool Wants(in StoreEvent change) => change.Subject is Node
        || (change.Subject is SwarmTask task && task.Status.State >= TaskState.Pending);

    /// <inheritdoc/>
    public void Reset(StoreView view, DateTimeOffset now)
    {
        _nodes.Clear();
        _pending.Clear();
        _unplaced.Clear();
        _refusals.Clear();
        _firstEvent = null;
        foreach (var node in view.Nodes.All)
        {
            _nodes[node.Id] = new NodeInfo(node);
        }

        foreach (var task in view.Tasks.All)
        {
            ObserveTask(null, task, now);
        }
    }

    /// <inheritdoc/>
    public void Observe(in StoreEvent change, DateTimeOffset now)
    {
        switch (change.Subject)
        {
            case Node node:
                ObserveNode(node, change.After is null, now);
                break;
            case SwarmTask task when change.After is null:
                RemoveTask(task, now);
                break;
            case SwarmTask task:
                ObserveTask((SwarmTask?)change.Before, task, now);
                break;
        }
    }

    private void ObserveNode(Node node, bool isRemoved, DateTimeOffset now)
    {
        if (isRemoved)
        {
            _nodes.Remove(node.Id);
        }
        else if (_nodes.TryGetValue(node.Id, out var info))
        {
            info.Node = node;
            RetryUnplaced(now);
        }
        else
        {
            _nodes[node.Id] = new NodeInfo(node);
            RetryUnplaced(now);
        }
    }

    private void RemoveTask(SwarmTask task, DateTimeOffset now)
    {
        _pending.Remove(task.Id);
        _unplaced.Remove(task.Id);
        _refusals.TryRemove(task.Id, out _);
        if (_nodes.TryGetValue(task.NodeId, out var node))
        {
            node.Remove(task.Id);
            RetryUnplaced(now);
        }
    }

    private void ObserveTask(SwarmTask? before, SwarmTask task, DateTimeOffset now)
    {
        if (IsSchedulable(task))
        {
            // Our own explanation coming back brings nothing new.
            if (_unplaced.ContainsKey(task.Id))
            {
                _unplaced[task.Id] = task;
            }
            else
            {
                _pending[task.Id] = task;
                Touch(now);
            }

            return;
        }

        _pending.Remove(task.Id);
        _unplaced.Remove(task.Id);
        _refusals.TryRemove(task.Id, out _);
        if (!_nodes.TryGetValue(task.NodeId, out var node))
        {
            return;
        }

        node.Set(task);
        var hasFailed = task.Status.State is TaskState.Failed or TaskState.Rejected;
        if (hasFailed && before is not null && before.Status.State != task.Status.State && task.Slot != 0)
        {
            node.AddFailure(task, now);
        }

        var hasFreed = before is not null
            && ((task.IsFinished() && !before.IsFinished()) || before.DesiredState != task.DesiredState);
        if (hasFreed)
        {
            RetryUnplaced(now);
        }
    }

    private static bool IsSchedulable(SwarmTask task) =>
        task.Status.State == TaskState.Pending && task.DesiredState <= TaskState.Complete;

    private void RetryUnplaced(DateTimeOffset now)
    {
        if (_unplaced.Count == 0)
        {
            return;
        }

        foreach (var (id, task) in _unplaced)
        {
            _pending[id] = task;
        }

        _unplaced.Clear();
        Touch(now);
    }

    private void Touch(DateTimeOffset now)
    {
        _firstEvent ??= now;
        _lastEvent = now;
    }
}
