namespace SwarmNet.Manager.Reconcile;

/// <summary>
/// Keys to look at again, each at a time; marking a key again keeps the earlier time. The order among keys of the same time is that of
/// the keys, so that a simulation replays.
/// </summary>
internal sealed class WorkQueue<TKey>
    where TKey : notnull
{
    private readonly Dictionary<TKey, DateTimeOffset> _dueByKey = [];
    private readonly SortedSet<(DateTimeOffset Due, TKey Key)> _ordered;

    public WorkQueue(IComparer<TKey>? comparer = null)
    {
        comparer ??= Comparer<TKey>.Default;
        _ordered = new SortedSet<(DateTimeOffset Due, TKey Key)>(Comparer<(DateTimeOffset Due, TKey Key)>.Create((a, b) =>
            a.Due != b.Due ? a.Due.CompareTo(b.Due) : comparer.Compare(a.Key, b.Key)));
    }

    public DateTimeOffset? Due => _ordered.Count > 0 ? _ordered.Min.Due : null;

    public int Count => _ordered.Count;

    public void Mark(TKey key, DateTimeOffset due)
    {
        if (_dueByKey.TryGetValue(key, out var before))
        {
            if (before <= due)
            {
                return;
            }

            _ordered.Remove((before, key));
        }

        _dueByKey[key] = due;
        _ordered.Add((due, key));
    }

    /// <summary>Takes a key whose time has come.</summary>
    public bool TryTake(DateTimeOffset now, out TKey key)
    {
        if (_ordered.Count == 0 || _ordered.Min.Due > now)
        {
            key = default!;
            return false;
        }

        key = _ordered.Min.Key;
        _ordered.Remove(_ordered.Min);
        _dueByKey.Remove(key);
        return true;
    }

    public void Clear()
    {
        _dueByKey.Clear();
        _ordered.Clear();
    }
}
