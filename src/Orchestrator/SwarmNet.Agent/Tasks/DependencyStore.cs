using System.Collections.Concurrent;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Tasks;

/// <summary>The secrets and configs of this node, in memory only, replaced and removed as the manager says.</summary>
internal sealed class DependencyStore : IDependencies
{
    private readonly ConcurrentDictionary<string, Secret> _secrets = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Config> _configs = new(StringComparer.Ordinal);

    public Secret? Secret(string id) => _secrets.GetValueOrDefault(id);

    public Config? Config(string id) => _configs.GetValueOrDefault(id);

    /// <summary>Applies the secrets and configs of <paramref name="message"/>; a COMPLETE message drops those it does not name.</summary>
    public void Apply(AssignmentsMessage message)
    {
        if (message.Type == AssignmentsMessage.Types.Type.Complete)
        {
            var named = message.Changes
                .Where(c => c.Action == AssignmentChange.Types.AssignmentAction.Update)
                .Select(c => c.Assignment.Secret?.Id ?? c.Assignment.Config?.Id ?? "")
                .ToHashSet(StringComparer.Ordinal);
            Keep(_secrets, named);
            Keep(_configs, named);
        }

        foreach (var change in message.Changes)
        {
            var isUpdate = change.Action == AssignmentChange.Types.AssignmentAction.Update;
            switch (change.Assignment?.ItemCase)
            {
                case Assignment.ItemOneofCase.Secret:
                    Set(_secrets, change.Assignment.Secret.Id, isUpdate ? change.Assignment.Secret : null);
                    break;
                case Assignment.ItemOneofCase.Config:
                    Set(_configs, change.Assignment.Config.Id, isUpdate ? change.Assignment.Config : null);
                    break;
            }
        }
    }

    private static void Set<T>(ConcurrentDictionary<string, T> table, string id, T? value)
        where T : class
    {
        if (value is null)
        {
            table.TryRemove(id, out _);
        }
        else
        {
            table[id] = value;
        }
    }

    private static void Keep<T>(ConcurrentDictionary<string, T> table, HashSet<string> ids)
    {
        foreach (var id in table.Keys.Where(id => !ids.Contains(id)))
        {
            table.TryRemove(id, out _);
        }
    }
}
