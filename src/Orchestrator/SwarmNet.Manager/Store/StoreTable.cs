using System.Collections.Immutable;
using Google.Protobuf;

namespace SwarmNet.Manager.Store;

/// <summary>All objects of one kind at one moment, in the order of their ids. Immutable; the objects must not be mutated.</summary>
public sealed class StoreTable<T>
    where T : class, IMessage<T>
{
    internal static readonly StoreTable<T> Empty = new(
        ImmutableSortedDictionary.Create<string, T>(StringComparer.Ordinal),
        ImmutableDictionary.Create<string, string>(StringComparer.Ordinal));

    private readonly ImmutableSortedDictionary<string, T> _byId;
    private readonly ImmutableDictionary<string, string> _idByName;

    private StoreTable(ImmutableSortedDictionary<string, T> byId, ImmutableDictionary<string, string> idByName)
    {
        _byId = byId;
        _idByName = idByName;
    }

    /// <summary>How many there are.</summary>
    public int Count => _byId.Count;

    /// <summary>All of them, ordered by id.</summary>
    public IEnumerable<T> All => _byId.Values;

    /// <summary>The object with that id, or null.</summary>
    public T? Get(string id) => _byId.GetValueOrDefault(id);

    /// <summary>
    /// The object with that name, whatever its case, or null. Nodes and tasks have no unique name: always null for them.
    /// </summary>
    public T? FindByName(string name) => _idByName.TryGetValue(Fold(name), out var id) ? _byId[id] : null;

    internal StoreTable<T> Set(T value)
    {
        var id = StoreObject.Id(value);
        var names = _idByName;
        if (_byId.TryGetValue(id, out var before) && StoreObject.UniqueName(before) is { } oldName)
        {
            names = names.Remove(Fold(oldName));
        }

        if (StoreObject.UniqueName(value) is { } name)
        {
            names = names.SetItem(Fold(name), id);
        }

        return new StoreTable<T>(_byId.SetItem(id, value), names);
    }

    internal StoreTable<T> Remove(string id)
    {
        if (!_byId.TryGetValue(id, out var before))
        {
            return this;
        }

        var names = StoreObject.UniqueName(before) is { } name ? _idByName.Remove(Fold(name)) : _idByName;
        return new StoreTable<T>(_byId.Remove(id), names);
    }

    private static string Fold(string name) => name.ToLowerInvariant();
}
