using System.Collections.Concurrent;

namespace SwarmNet.Agent.Executor;

/// <summary>The containers of this node, for <c>docker ps</c> and <c>inspect</c>.</summary>
public sealed class ContainerTable
{
    private readonly ConcurrentDictionary<string, Container> _containers = new(StringComparer.Ordinal);
    private TaskCompletionSource _changed = NewSignal();

    internal ContainerTable()
    {
    }

    internal ICollection<Container> All => _containers.Values;

    /// <summary>Completes at the next addition or removal.</summary>
    internal Task Changed => Volatile.Read(ref _changed).Task;

    /// <summary>All containers, newest first: a snapshot.</summary>
    public IReadOnlyList<ContainerRecord> List() => [.. _containers.Values.Select(c => c.Record()).OrderByDescending(c => c.Created)];

    /// <summary>The container of an id, a name or an unambiguous prefix of an id; null when there is none or more than one.</summary>
    public ContainerRecord? Find(string key)
    {
        if (_containers.TryGetValue(key, out var exact))
        {
            return exact.Record();
        }

        var records = List();
        return records.FirstOrDefault(r => r.Name == key.TrimStart('/'))
            ?? (records.Where(r => key.Length > 0 && r.Id.StartsWith(key, StringComparison.Ordinal)).Take(2).ToList() is [var one] ? one : null);
    }

    internal Container? Get(string id) => _containers.GetValueOrDefault(id);

    internal Container? OfTask(string taskId) => _containers.Values.FirstOrDefault(c => c.File.TaskId == taskId);

    internal void Add(Container container)
    {
        _containers[container.Id] = container;
        Signal();
    }

    internal void Remove(string id)
    {
        _containers.TryRemove(id, out _);
        Signal();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Signal() => Interlocked.Exchange(ref _changed, NewSignal()).TrySetResult();
}
