namespace SwarmNet.Manager.Scheduler;

/// <summary>The filters at work on one decision: which nodes may have the task, and why the others may not.</summary>
internal sealed class FilterRun
{
    private readonly SwarmTask _task;
    private readonly List<Filter> _active;
    private readonly Dictionary<Filter, int> _failures = [];
    private readonly List<NodeRefusal> _refusals = [];

    public FilterRun(SwarmTask task)
    {
        _task = task;
        _active = [.. Filter.All.Where(filter => filter.IsActive(task))];
    }

    /// <summary>The nodes refused so far, each with its reason.</summary>
    public IReadOnlyList<NodeRefusal> Refusals => _refusals;

    public bool Passes(NodeInfo node)
    {
        foreach (var filter in _active)
        {
            if (!filter.Passes(_task, node))
            {
                _failures[filter] = _failures.GetValueOrDefault(filter) + 1;
                _refusals.Add(new NodeRefusal(node.Node.Id, node.Node.Description?.Hostname ?? string.Empty, filter.Explain(1)));
                return false;
            }
        }

        return true;
    }

    /// <summary>Docker's sentence: the reasons with their counts, most frequent first.</summary>
    public string Explain() => string.Join("; ", _failures
        .OrderByDescending(failure => failure.Value)
        .ThenBy(failure => _active.IndexOf(failure.Key))
        .Select(failure => failure.Key.Explain(failure.Value)));
}
