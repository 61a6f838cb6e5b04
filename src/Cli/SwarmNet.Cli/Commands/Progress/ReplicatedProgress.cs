using System.Text.Json;
using SwarmNet.Cli.CommandLine;
using SwarmNet.Cli.Specs;

namespace SwarmNet.Cli.Commands.Progress;

/// <summary>A replicated service: one line per slot.</summary>
internal sealed class ReplicatedProgress : IProgressUpdater
{
    private readonly ProgressDisplay _display;
    private readonly Dictionary<long, int> _slots = [];
    private bool _started;
    private bool _done;

    public ReplicatedProgress(ProgressDisplay display) => _display = display;

    public bool Update(Json service, IReadOnlyList<Json> tasks, IReadOnlySet<string> activeNodes, bool rollback)
    {
        var mode = service.At("Spec", "Mode", "Replicated", "Replicas");
        if (!mode.Exists)
        {
            throw new CliException("no replica count");
        }

        var replicas = mode.Number();
        if (!_started)
        {
            ServiceProgress.Overall(_display, 0, replicas, rollback);
            for (var i = 1; replicas <= ServiceProgress.MaxBars && i <= replicas; i++)
            {
                _display.Show($"{i}/{replicas}", " ");
            }

            _started = true;
        }

        var bySlot = BySlot(tasks, activeNodes);
        if (_done && bySlot.Values.Any(task => TaskState.Actual(task) != TaskState.Running))
        {
            _done = false;
        }

        var running = 0;
        foreach (var (slot, task) in bySlot)
        {
            if (!_slots.TryGetValue(slot, out var line))
            {
                _slots[slot] = line = _slots.Count + 1;
            }

            running += TaskState.IsRunning(task) ? 1 : 0;
            if (!_done && replicas <= ServiceProgress.MaxBars && line <= replicas)
            {
                TaskState.Show(_display, $"{line}/{replicas}", task, rollback, TaskState.Running);
            }
        }

        if (!_done)
        {
            ServiceProgress.Overall(_display, running, replicas, rollback);
            _done = running == replicas;
        }

        return running == replicas;
    }

    /// <summary>The task that counts in each slot: the one furthest from being replaced.</summary>
    private static SortedDictionary<long, Json> BySlot(IReadOnlyList<Json> tasks, IReadOnlySet<string> activeNodes)
    {
        var result = new SortedDictionary<long, Json>();
        foreach (var task in tasks)
        {
            if (!TaskState.IsKnown(task))
            {
                continue;
            }

            if (result.TryGetValue(task.Number("Slot"), out var other) && (TaskState.Desired(other) < TaskState.Desired(task)
                || (TaskState.Desired(other) == TaskState.Desired(task) && TaskState.Actual(other) <= TaskState.Actual(task))))
            {
                continue;
            }

            if (task.Text("NodeID") is { Length: > 0 } node && !activeNodes.Contains(node))
            {
                continue;
            }

            result[task.Number("Slot")] = task;
        }

        return result;
    }
}
