using SwarmNet.Protocol;

namespace SwarmNet.Manager.Scheduler;

/// <summary>
/// User-defined resources that the tasks of one node hold: counts (<c>gpu=2</c>) and named members (<c>gpu=UUID1</c>). Services ask for
/// counts only; on a node with named members the scheduler picks which.
/// </summary>
internal sealed class GenericResources
{
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly HashSet<(string Kind, string Name)> _names = [];

    public void Count(IEnumerable<GenericResource> held, int sign)
    {
        foreach (var resource in held)
        {
            if (resource.DiscreteResourceSpec is { } discrete)
            {
                _counts[discrete.Kind] = _counts.GetValueOrDefault(discrete.Kind) + (sign * discrete.Value);
            }
            else if (resource.NamedResourceSpec is { } named)
            {
                if (sign > 0)
                {
                    _names.Add((named.Kind, named.Value));
                }
                else
                {
                    _names.Remove((named.Kind, named.Value));
                }
            }
        }
    }

    /// <summary>What a task that asks for <paramref name="wanted"/> gets on the node; null when something is short.</summary>
    public List<GenericResource>? TryPick(Node node, IEnumerable<GenericResource> wanted)
    {
        List<GenericResource> picked = [];
        foreach (var request in wanted.Select(resource => resource.DiscreteResourceSpec))
        {
            if (request is null)
            {
                return null;
            }

            var free = (node.Description?.Resources?.Generic ?? []).Where(resource => resource.NamedResourceSpec is { } named
                && named.Kind == request.Kind && !_names.Contains((named.Kind, named.Value))).ToList();
            if (free.Count >= request.Value && free.Count > 0)
            {
                picked.AddRange(free.Take((int)request.Value).Select(resource => resource.Clone()));
                continue;
            }

            var total = (node.Description?.Resources?.Generic ?? [])
                .Sum(resource => resource.DiscreteResourceSpec is { } d && d.Kind == request.Kind ? d.Value : 0);
            if (total - _counts.GetValueOrDefault(request.Kind) < request.Value)
            {
                return null;
            }

            picked.Add(new GenericResource { DiscreteResourceSpec = request.Clone() });
        }

        return picked;
    }
}
