using SwarmNet.Protocol;

namespace SwarmNet.Manager.Scheduler;

/// <summary>
/// The candidates for a group of equal tasks, by placement preference: one level per preference, one branch per label value (nodes
/// without the label form the branch ""). A task goes down the branch with the fewest tasks of the service that still has a node to
/// offer, then to the best node there. Without preferences the tree is one queue.
/// </summary>
internal sealed class SpreadTree
{
    private const string NodeLabelPrefix = "node.labels.";
    private const string EngineLabelPrefix = "engine.labels.";

    private readonly SortedDictionary<string, SpreadTree> _branches = new(StringComparer.Ordinal);
    private readonly PriorityQueue<NodeInfo, NodeRank> _nodes = new();
    private int _serviceTasks;
    private int _candidates;

    private SpreadTree()
    {
    }

    /// <summary>Builds the tree; nodes that the filters refuse count with their tasks and are not offered.</summary>
    public static SpreadTree Build(IEnumerable<NodeInfo> nodes, SwarmTask task, FilterRun filters, DateTimeOffset now)
    {
        var levels = Levels(task);
        var root = new SpreadTree();
        foreach (var node in nodes)
        {
            root.Add(node, task, levels, filters.Passes(node), now);
        }

        return root;
    }

    /// <summary>
    /// Gives the next task to the best node: <paramref name="place"/> does it. The node stays a candidate while the filters pass.
    /// False when there is no node.
    /// </summary>
    public bool TryPlace(SwarmTask task, Action<NodeInfo> place, FilterRun filters, DateTimeOffset now)
    {
        if (_candidates == 0)
        {
            return false;
        }

        var offered = _candidates;
        var placed = true;
        if (_branches.Count > 0)
        {
            var branch = _branches.Values.Where(branch => branch._candidates > 0).MinBy(branch => branch._serviceTasks)!;
            var before = branch._candidates;
            placed = branch.TryPlace(task, place, filters, now);
            offered += branch._candidates - before;
        }
        else
        {
            var node = _nodes.Dequeue();
            place(node);
            if (filters.Passes(node))
            {
                _nodes.Enqueue(node, NodeRank.Of(node, task, now));
            }
            else
            {
                offered--;
            }
        }

        _candidates = offered;
        _serviceTasks++;
        return placed;
    }

    private static List<Func<Node, string?>> Levels(SwarmTask task)
    {
        List<Func<Node, string?>> levels = [];
        foreach (var preference in task.Spec.Placement?.Preferences ?? [])
        {
            var descriptor = preference.Spread?.SpreadDescriptor ?? string.Empty;
            if (descriptor.StartsWith(NodeLabelPrefix, StringComparison.OrdinalIgnoreCase))
            {
                var label = descriptor[NodeLabelPrefix.Length..];
                levels.Add(node => node.Spec?.Annotations?.Labels.GetValueOrDefault(label));
            }
            else if (descriptor.StartsWith(EngineLabelPrefix, StringComparison.OrdinalIgnoreCase))
            {
                var label = descriptor[EngineLabelPrefix.Length..];
                levels.Add(node => node.Description?.Engine?.Labels.GetValueOrDefault(label));
            }
        }

        return levels;
    }

    private void Add(NodeInfo node, SwarmTask task, List<Func<Node, string?>> levels, bool isCandidate, DateTimeOffset now)
    {
        var tree = this;
        tree.Count(node, task, isCandidate);
        foreach (var level in levels)
        {
            var value = level(node.Node) ?? string.Empty;
            if (!tree._branches.TryGetValue(value, out var branch))
            {
                tree._branches[value] = branch = new SpreadTree();
            }

            tree = branch;
            tree.Count(node, task, isCandidate);
        }

        if (isCandidate)
        {
            tree._nodes.Enqueue(node, NodeRank.Of(node, task, now));
        }
    }

    private void Count(NodeInfo node, SwarmTask task, bool isCandidate)
    {
        _serviceTasks += node.ActiveTasksOf(task.ServiceId);
        _candidates += isCandidate ? 1 : 0;
    }
}
