using System.Globalization;
using System.Text.Json;
using SwarmNet.Cli.Formatting;
using SwarmNet.Cli.Specs;

namespace SwarmNet.Cli.Commands.Progress;

/// <summary>A replicated or global job: how many of its tasks of this run are complete.</summary>
internal sealed class JobProgress : IProgressUpdater
{
    private readonly ProgressDisplay _display;
    private readonly bool _global;
    private HashSet<string>? _nodes;
    private bool _started;

    public JobProgress(ProgressDisplay display, bool global)
    {
        _display = display;
        _global = global;
    }

    public bool Update(Json service, IReadOnlyList<Json> tasks, IReadOnlySet<string> activeNodes, bool rollback)
    {
        var iteration = service.Number("JobStatus", "JobIteration", "Index");
        var mine = tasks.Where(task => TaskState.IsKnown(task) && task.At("JobIteration").Exists && task.Number("JobIteration", "Index") == iteration).ToList();
        return _global ? UpdateGlobal(mine, activeNodes) : UpdateReplicated(service.At("Spec", "Mode", "ReplicatedJob"), mine);
    }

    private bool UpdateReplicated(Json mode, List<Json> tasks)
    {
        var total = mode.Number("TotalCompletions");
        var concurrent = mode.Number("MaxConcurrent");
        if (!_started)
        {
            Overall(0, 0, total, concurrent);
            for (var i = 1; total <= ServiceProgress.MaxBars && i <= total; i++)
            {
                _display.Show($"{i}/{total}", " ");
            }

            _started = true;
        }

        int active = 0, completed = 0;
        foreach (var task in Newest(tasks, task => task.Number("Slot").ToString("D20", CultureInfo.InvariantCulture)))
        {
            if (total <= ServiceProgress.MaxBars)
            {
                TaskState.Show(_display, $"{task.Number("Slot") + 1}/{total}", task, rollback: false, TaskState.Complete);
            }

            active += TaskState.Actual(task) < TaskState.Complete ? 1 : 0;
            completed += TaskState.Actual(task) == TaskState.Complete ? 1 : 0;
        }

        Overall(active, completed, total, concurrent);
        return completed == total;
    }

    private void Overall(int active, int completed, long total, long concurrent)
    {
        Done(completed, total);
        var wanted = Math.Min(concurrent, total - completed);
        _display.Show("active tasks", $"{Digits(active, concurrent)} out of {wanted} tasks");
    }

    private bool UpdateGlobal(List<Json> tasks, IReadOnlySet<string> activeNodes)
    {
        if (_nodes is null)
        {
            if (tasks.Count == 0 && activeNodes.Count > 0)
            {
                _display.Show("job progress", "waiting for tasks");
                return false;
            }

            // Nodes that join later run the job too, but are not waited for.
            _nodes = [.. tasks.Select(task => task.Text("NodeID"))];
            Done(0, _nodes.Count);
        }

        var completed = 0;
        foreach (var task in Newest(tasks.Where(task => _nodes.Contains(task.Text("NodeID"))), task => task.Text("NodeID")))
        {
            if (_nodes.Count <= ServiceProgress.MaxBars)
            {
                TaskState.Show(_display, GoText.ShortId(task.Text("NodeID")), task, rollback: false, TaskState.Complete);
            }

            completed += TaskState.Actual(task) == TaskState.Complete ? 1 : 0;
        }

        Done(completed, _nodes.Count);
        return completed == _nodes.Count;
    }

    private void Done(int completed, long total) =>
        _display.Show("job progress", $"{Digits(completed, total)} out of {total} complete", completed, total);

    private static string Digits(int number, long max) =>
        number.ToString(CultureInfo.InvariantCulture).PadLeft(max.ToString(CultureInfo.InvariantCulture).Length, '0');

    /// <summary>One task per key: the one in the lowest state, which is the newest try.</summary>
    private static IEnumerable<Json> Newest(IEnumerable<Json> tasks, Func<Json, string> key) =>
        tasks.GroupBy(key).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => group.MinBy(TaskState.Actual)!);
}
