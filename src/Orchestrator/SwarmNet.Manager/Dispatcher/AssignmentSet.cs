using System.Globalization;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Dispatcher;

/// <summary>
/// What one node shall run, as one assignments stream has told it so far. By level: every look compares the store with what was sent, so a
/// missed event costs nothing. Pure.
/// </summary>
/// <param name="nodeId">The node.</param>
internal sealed class AssignmentSet(string nodeId)
{
    private readonly Dictionary<string, SwarmTask> _tasks = new(StringComparer.Ordinal);
    private readonly HashSet<string> _secrets = new(StringComparer.Ordinal);
    private readonly HashSet<string> _configs = new(StringComparer.Ordinal);
    private long _sequence;

    /// <summary>The next message: COMPLETE at first (also when empty), then INCREMENTAL, or null when nothing has changed for the node.</summary>
    public AssignmentsMessage? Next(StoreView view)
    {
        var changes = Compare(view);
        if (_sequence > 0 && changes.Count == 0)
        {
            return null;
        }

        var message = new AssignmentsMessage
        {
            Type = _sequence == 0 ? AssignmentsMessage.Types.Type.Complete : AssignmentsMessage.Types.Type.Incremental,
            AppliesTo = _sequence == 0 ? "" : _sequence.ToString(CultureInfo.InvariantCulture),
            ResultsIn = (++_sequence).ToString(CultureInfo.InvariantCulture),
        };
        message.Changes.AddRange(changes);
        return message;
    }

    /// <summary>Secrets and configs first, so that a task never waits for them; what is no longer needed last.</summary>
    private List<AssignmentChange> Compare(StoreView view)
    {
        var tasks = CompareTasks(view, out var secrets, out var configs);
        var changes = new List<AssignmentChange>();
        foreach (var id in secrets.Where(id => !_secrets.Contains(id)))
        {
            if (view.Secrets.Get(id) is { } secret)
            {
                _secrets.Add(id);
                changes.Add(Update(new Assignment { Secret = secret }));
            }
        }

        foreach (var id in configs.Where(id => !_configs.Contains(id)))
        {
            if (view.Configs.Get(id) is { } config)
            {
                _configs.Add(id);
                changes.Add(Update(new Assignment { Config = config }));
            }
        }

        changes.AddRange(tasks);
        foreach (var id in _secrets.Where(id => !secrets.Contains(id)).ToList())
        {
            _secrets.Remove(id);
            changes.Add(Remove(new Assignment { Secret = new Secret { Id = id } }));
        }

        foreach (var id in _configs.Where(id => !configs.Contains(id)).ToList())
        {
            _configs.Remove(id);
            changes.Add(Remove(new Assignment { Config = new Config { Id = id } }));
        }

        return changes;
    }

    private List<AssignmentChange> CompareTasks(StoreView view, out HashSet<string> secrets, out HashSet<string> configs)
    {
        var changes = new List<AssignmentChange>();
        var gone = new HashSet<string>(_tasks.Keys, StringComparer.Ordinal);
        secrets = new HashSet<string>(StringComparer.Ordinal);
        configs = new HashSet<string>(StringComparer.Ordinal);
        foreach (var task in view.TasksOfNode(nodeId))
        {
            var state = task.Status?.State ?? TaskState.New;
            if (state < TaskState.Assigned)
            {
                continue;
            }

            gone.Remove(task.Id);
            if (!_tasks.TryGetValue(task.Id, out var sent) || MustSend(sent, task))
            {
                changes.Add(Update(new Assignment { Task = task }));
            }

            _tasks[task.Id] = task;
            if (state <= TaskState.Running)
            {
                Collect(task, secrets, configs);
            }
        }

        foreach (var id in gone)
        {
            _tasks.Remove(id);
            changes.Add(Remove(new Assignment { Task = new SwarmTask { Id = id } }));
        }

        return changes;
    }

    // A task past ASSIGNED changes its status only by the node's own reports: those are not echoed.
    private static bool MustSend(SwarmTask sent, SwarmTask task)
        => !ReferenceEquals(sent, task) && (task.Status.State == TaskState.Assigned ? !sent.Equals(task) : !Stable(sent).Equals(Stable(task)));

    private static SwarmTask Stable(SwarmTask task)
    {
        var stable = task.Clone();
        stable.Meta = null;
        stable.Status = null;
        return stable;
    }

    private static void Collect(SwarmTask task, HashSet<string> secrets, HashSet<string> configs)
    {
        var container = task.Spec?.Container;
        foreach (var secret in container?.Secrets ?? [])
        {
            secrets.Add(secret.SecretId);
        }

        foreach (var config in container?.Configs ?? [])
        {
            configs.Add(config.ConfigId);
        }

        foreach (var reference in task.Spec?.ResourceReferences ?? [])
        {
            switch (reference.ResourceType)
            {
                case ResourceType.Secret:
                    secrets.Add(reference.ResourceId);
                    break;
                case ResourceType.Config:
                    configs.Add(reference.ResourceId);
                    break;
            }
        }
    }

    private static AssignmentChange Update(Assignment assignment) => new() { Assignment = assignment, Action = AssignmentChange.Types.AssignmentAction.Update };

    private static AssignmentChange Remove(Assignment assignment) => new() { Assignment = assignment, Action = AssignmentChange.Types.AssignmentAction.Remove };
}
