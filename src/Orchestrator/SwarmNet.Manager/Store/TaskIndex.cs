using System.Collections.Immutable;

namespace SwarmNet.Manager.Store;

/// <summary>Tasks grouped by a key; groups are ordered by task id. Immutable.</summary>
internal sealed class TaskIndex<TKey>
    where TKey : notnull
{
    public static readonly TaskIndex<TKey> Empty = new(ImmutableDictionary<TKey, ImmutableSortedDictionary<string, SwarmTask>>.Empty);

    private static readonly ImmutableSortedDictionary<string, SwarmTask> EmptyGroup =
        ImmutableSortedDictionary.Create<string, SwarmTask>(StringComparer.Ordinal);

    private readonly ImmutableDictionary<TKey, ImmutableSortedDictionary<string, SwarmTask>> _groups;

    private TaskIndex(ImmutableDictionary<TKey, ImmutableSortedDictionary<string, SwarmTask>> groups) => _groups = groups;

    public IReadOnlyCollection<SwarmTask> this[TKey key] => new Group(_groups.GetValueOrDefault(key, EmptyGroup));

    public TaskIndex<TKey> Set(TKey key, SwarmTask task) =>
        new(_groups.SetItem(key, _groups.GetValueOrDefault(key, EmptyGroup).SetItem(task.Id, task)));

    public TaskIndex<TKey> Remove(TKey key, string taskId)
    {
        var group = _groups.GetValueOrDefault(key, EmptyGroup).Remove(taskId);
        return new TaskIndex<TKey>(group.IsEmpty ? _groups.Remove(key) : _groups.SetItem(key, group));
    }

    // ImmutableSortedDictionary.Values is an IEnumerable without a count.
    private sealed class Group(ImmutableSortedDictionary<string, SwarmTask> tasks) : IReadOnlyCollection<SwarmTask>
    {
        public int Count => tasks.Count;

        public IEnumerator<SwarmTask> GetEnumerator() => tasks.Values.GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
