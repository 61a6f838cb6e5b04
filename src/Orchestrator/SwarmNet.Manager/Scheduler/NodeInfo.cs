using SwarmNet.Manager.Reconcile;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Scheduler;

/// <summary>A node as the scheduler sees it: what it has, what its tasks take, and how often tasks failed there. Kept up by events.</summary>
internal sealed class NodeInfo(Node node)
{
    private static readonly TimeSpan FailureMemory = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, SwarmTask> _tasks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _activeByService = new(StringComparer.Ordinal);
    private readonly Dictionary<(PortProtocol, uint), int> _hostPorts = [];
    private readonly Dictionary<(string ServiceId, ulong SpecVersion), List<DateTimeOffset>> _failures = [];
    private long _reservedNanoCpus;
    private long _reservedMemoryBytes;

    public Node Node { get; set; } = node;

    /// <summary>Tasks that are wanted to run here.</summary>
    public int ActiveTasks { get; private set; }

    public long AvailableNanoCpus => (Node.Description?.Resources?.NanoCpus ?? 0) - _reservedNanoCpus;

    public long AvailableMemoryBytes => (Node.Description?.Resources?.MemoryBytes ?? 0) - _reservedMemoryBytes;

    public GenericResources Generic { get; } = new();

    public int ActiveTasksOf(string serviceId) => _activeByService.GetValueOrDefault(serviceId);

    public bool IsHostPortUsed(PortConfig port) => _hostPorts.GetValueOrDefault((port.Protocol, port.PublishedPort)) > 0;

    /// <summary>Adds or replaces a task; one that has finished takes nothing.</summary>
    public void Set(SwarmTask task)
    {
        Remove(task.Id);
        if (task.IsFinished())
        {
            return;
        }

        _tasks[task.Id] = task;
        Count(task, 1);
    }

    public void Remove(string taskId)
    {
        if (_tasks.Remove(taskId, out var task))
        {
            Count(task, -1);
        }
    }

    public void AddFailure(SwarmTask task, DateTimeOffset now)
    {
        var key = (task.ServiceId, task.SpecVersion.Index());
        if (!_failures.TryGetValue(key, out var times))
        {
            _failures[key] = times = [];
        }

        times.RemoveAll(time => now - time > FailureMemory);
        times.Add(now);
    }

    /// <summary>Failures of tasks like this one in the last five minutes.</summary>
    public int RecentFailures(SwarmTask task, DateTimeOffset now)
    {
        var key = (task.ServiceId, task.SpecVersion.Index());
        if (!_failures.TryGetValue(key, out var times))
        {
            return 0;
        }

        times.RemoveAll(time => now - time > FailureMemory);
        if (times.Count == 0)
        {
            _failures.Remove(key);
        }

        return times.Count;
    }

    /// <summary>Host-mode ports with a number of their own: only one task per node can have each.</summary>
    public static IEnumerable<PortConfig> HostPorts(SwarmTask task) =>
        task.Endpoint?.Spec?.Ports.Where(port => port.PublishMode == PublishMode.Host && port.PublishedPort != 0) ?? [];

    private void Count(SwarmTask task, int sign)
    {
        if (task.DesiredState <= TaskState.Complete)
        {
            ActiveTasks += sign;
            _activeByService[task.ServiceId] = ActiveTasksOf(task.ServiceId) + sign;
            if (_activeByService[task.ServiceId] == 0)
            {
                _activeByService.Remove(task.ServiceId);
            }
        }

        _reservedNanoCpus += sign * (task.Spec.Resources?.Reservations?.NanoCpus ?? 0);
        _reservedMemoryBytes += sign * (task.Spec.Resources?.Reservations?.MemoryBytes ?? 0);
        Generic.Count(task.AssignedGenericResources, sign);
        foreach (var port in HostPorts(task))
        {
            var key = (port.Protocol, port.PublishedPort);
            _hostPorts[key] = _hostPorts.GetValueOrDefault(key) + sign;
        }
    }
}
