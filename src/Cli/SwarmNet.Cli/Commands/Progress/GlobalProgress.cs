using System.Text.Json;
using SwarmNet.Cli.Formatting;
using SwarmNet.Cli.Specs;

namespace SwarmNet.Cli.Commands.Progress;

/// <summary>A global service: one line per node.</summary>
internal sealed class GlobalProgress : IProgressUpdater
{
    private readonly ProgressDisplay _display;
    private bool _started;
    private bool _done;

    public GlobalProgress(ProgressDisplay display) => _display = display;

    public bool Update(Json service, IReadOnlyList<Json> tasks, IReadOnlySet<string> activeNodes, bool rollback)
    {
        // Tasks of all eligible nodes are made at once: their number is the number of nodes.
        var byNode = ByNode(tasks);
        if (!_started)
        {
            if (byNode.Count == 0)
            {
                _display.Show("overall progress", "waiting for new tasks");
                return false;
            }

            ServiceProgress.Overall(_display, 0, byNode.Count, rollback);
            _started = true;
        }

        if (_done && byNode.Values.Any(task => TaskState.Actual(task) != TaskState.Running))
        {
            _done = false;
        }

        var running = 0;
        foreach (var (node, task) in byNode)
        {
            if (!activeNodes.Contains(node))
            {
                continue;
            }

            running += TaskState.IsRunning(task) ? 1 : 0;
            if (!_done && byNode.Count <= ServiceProgress.MaxBars)
            {
                TaskState.Show(_display, GoText.ShortId(node), task, rollback, TaskState.Running);
            }
        }

        if (!_done)
        {
            ServiceProgress.Overall(_display, running, byNode.Count, rollback);
            _done = running == byNode.Count;
        }

        return running == byNode.Count;
    }

    private static SortedDictionary<string, Json> ByNode(IReadOnlyList<Json> tasks)
    {
        var result = new SortedDictionary<string, Json>(StringComparer.Ordinal);
        foreach (var task in tasks)
        {
            var node = task.Text("NodeID");
            if (TaskState.IsKnown(task) && node.Length > 0 && (!result.TryGetValue(node, out var other) || TaskState.Desired(other) > TaskState.Desired(task)
                || (TaskState.Desired(other) == TaskState.Desired(task) && TaskState.Actual(other) > TaskState.Actual(task))))
            {
                result[node] = task;
            }
        }

        return result;
    }
}
