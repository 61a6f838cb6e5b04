using SwarmNet.Linux;

namespace SwarmNet.Netlink.NfTables;

/// <summary>
/// All that a table holds, at one moment: read from the kernel by <see cref="Read"/>, or what a transaction would make of an empty
/// kernel by <see cref="Of"/>. Compare the two to find what has drifted.
/// </summary>
public sealed class NfTableSnapshot
{
    private const int MaxAttempts = 10;

    private readonly Dictionary<string, List<NfRuleEntry>> _rules = [];
    private readonly Dictionary<string, List<NfElement>> _elements = [];

    private NfTableSnapshot(NfTable table) => Table = table;

    /// <summary>The table.</summary>
    public NfTable Table { get; }

    /// <summary>Flags and comment; null when there is no such table.</summary>
    public NfTableEntry? Entry { get; private set; }

    /// <summary>Generation of the rules that was read; 0 for a transaction.</summary>
    public uint Generation { get; private set; }

    /// <summary>The chains by name.</summary>
    public Dictionary<string, NfChainEntry> Chains { get; } = [];

    /// <summary>The sets and maps by name.</summary>
    public Dictionary<string, NfSetEntry> Sets { get; } = [];

    /// <summary>The objects by type and name.</summary>
    public Dictionary<(NfObjectType Type, string Name), NfObjectEntry> Objects { get; } = [];

    /// <summary>Reads a table; transactions of others meanwhile make it start over.</summary>
    /// <exception cref="NetlinkException">EAGAIN: the rules of the namespace change all the time.</exception>
    public static NfTableSnapshot Read(NetlinkSocket socket, NfTable table)
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            uint generation = NfTablesQuery.GetGeneration(socket);
            if (TryReadOnce(socket, table) is { } snapshot && NfTablesQuery.GetGeneration(socket) == generation)
            {
                snapshot.Generation = generation;
                return snapshot;
            }
        }

        throw new NetlinkException($"read table {table.Name}", Errno.EAGAIN, $"its rules changed during each of {MaxAttempts} attempts");
    }

    /// <summary>
    /// What the transaction makes of an empty table: additions and deletions of the table itself, of chains, rules (without handles),
    /// sets, elements and objects.
    /// </summary>
    public static NfTableSnapshot Of(NfTablesBatch batch, NfTable table)
    {
        var snapshot = new NfTableSnapshot(table);
        var reader = new NetlinkReader(batch.Writer.Written);
        while (reader.TryRead(out NetlinkMessage message))
        {
            snapshot.Apply(message);
        }

        return snapshot;
    }

    /// <summary>The rules of a chain, in order.</summary>
    public IReadOnlyList<NfRuleEntry> Rules(string chain) => _rules.TryGetValue(chain, out List<NfRuleEntry>? rules) ? rules : [];

    /// <summary>The elements of a set, in no order.</summary>
    public IReadOnlyList<NfElement> Elements(string set) => _elements.TryGetValue(set, out List<NfElement>? elements) ? elements : [];

    /// <summary>
    /// What differs from the wanted state, in the order table, chains with their rules, sets with their elements, objects; empty when
    /// all is as wanted. What counters have counted and how long elements still live makes no difference.
    /// </summary>
    public List<NfDifference> DifferencesFrom(NfTableSnapshot wanted)
    {
        var found = new List<NfDifference>();
        if ((Entry is null) != (wanted.Entry is null) || Entry?.Flags != wanted.Entry?.Flags)
        {
            found.Add(new NfDifference(NfObjectKind.Table, Table.Name, Kind(Entry, wanted.Entry)));
        }

        Compare(found, NfObjectKind.Chain, Chains, wanted.Chains, name => name, (a, b) => Equals(a.Base, b.Base) && a.Comment == b.Comment);
        foreach (string chain in wanted.Chains.Keys.Where(Chains.ContainsKey))
        {
            if (!Rules(chain).SequenceEqual(wanted.Rules(chain), SameRule.Instance))
            {
                found.Add(new NfDifference(NfObjectKind.Rules, chain, NfDifferenceKind.Changed));
            }
        }

        Compare(found, NfObjectKind.Set, Sets, wanted.Sets, name => name, (a, b) => (a.Set with { Id = 0 }).Equals(b.Set with { Id = 0 }));
        foreach (string set in wanted.Sets.Keys.Where(Sets.ContainsKey))
        {
            CompareElements(found, set, Elements(set), wanted.Elements(set));
        }

        Compare(found, NfObjectKind.Object, Objects, wanted.Objects, key => key.Name, (a, b) => SameObject(a.Object, b.Object) && a.Comment == b.Comment);
        return found;
    }

    private static NfTableSnapshot? TryReadOnce(NetlinkSocket socket, NfTable table)
    {
        try
        {
            var snapshot = new NfTableSnapshot(table)
            {
                Entry = NfTablesQuery.GetTables(socket, table.Family).Find(entry => entry.Table == table),
            };
            if (snapshot.Entry is null)
            {
                return snapshot;
            }

            NfTablesQuery.GetChains(socket, table).ForEach(snapshot.Add);
            NfTablesQuery.GetRules(socket, table).ForEach(snapshot.Add);
            NfTablesQuery.GetObjects(socket, table).ForEach(snapshot.Add);
            foreach (NfSetEntry set in NfTablesQuery.GetSets(socket, table))
            {
                snapshot.Add(set);
                snapshot._elements[set.Set.Name] = NfTablesQuery.ListElements(socket, table, set.Set.Name);
            }

            return snapshot;
        }
        catch (NetlinkException e) when (e.Errno == Errno.ENOENT)
        {
            // Something was deleted between two lists.
            return null;
        }
    }

    private static void Compare<TKey, T>(
        List<NfDifference> found, NfObjectKind kind, Dictionary<TKey, T> actual, Dictionary<TKey, T> wanted, Func<TKey, string> nameOf, Func<T, T, bool> same)
        where TKey : notnull
        where T : class
    {
        foreach ((TKey key, T value) in wanted)
        {
            actual.TryGetValue(key, out T? other);
            if (other is null || !same(other, value))
            {
                found.Add(new NfDifference(kind, nameOf(key), Kind(other, value)));
            }
        }

        foreach (TKey key in actual.Keys.Where(key => !wanted.ContainsKey(key)))
        {
            found.Add(new NfDifference(kind, nameOf(key), NfDifferenceKind.Unexpected));
        }
    }

    private static void CompareElements(List<NfDifference> found, string set, IReadOnlyList<NfElement> actual, IReadOnlyList<NfElement> wanted)
    {
        var there = new HashSet<NfElement>(actual);
        foreach (NfElement element in wanted)
        {
            if (!there.Remove(element))
            {
                found.Add(new NfDifference(NfObjectKind.Element, set, NfDifferenceKind.Missing) { Element = element });
            }
        }

        foreach (NfElement element in there)
        {
            found.Add(new NfDifference(NfObjectKind.Element, set, NfDifferenceKind.Unexpected) { Element = element });
        }
    }

    private static NfDifferenceKind Kind(object? actual, object? wanted) =>
        actual is null ? NfDifferenceKind.Missing : wanted is null ? NfDifferenceKind.Unexpected : NfDifferenceKind.Changed;

    // Of a timeout policy the kernel lists all states, wanted are only those that are named; counters count.
    private static bool SameObject(NfObject actual, NfObject wanted) => (actual, wanted) switch
    {
        (NfObject.CtTimeout a, NfObject.CtTimeout w) => (a.Family, a.Protocol) == (w.Family, w.Protocol) && w.Seconds.All(state => a[state.State] == state.Seconds),
        (NfObject.Quota a, NfObject.Quota w) => (a.Value with { Consumed = 0 }) == (w.Value with { Consumed = 0 }),
        (NfObject.Counter, NfObject.Counter) => true,
        _ => Equals(actual, wanted),
    };

    private void Apply(in NetlinkMessage message)
    {
        bool deletes = message.Type == NfConstants.MessageType(NfConstants.NFT_MSG_DELTABLE);
        if (NfTableEntry.TryRead(message, out NfTableEntry? table) && table.Table == Table)
        {
            Entry = deletes ? null : table;
            if (deletes)
            {
                Chains.Clear();
                Sets.Clear();
                Objects.Clear();
                _rules.Clear();
                _elements.Clear();
            }
        }
        else if (NfChainEntry.TryRead(message, out NfChainEntry? chain) && chain.Table == Table)
        {
            ApplyChain(message, chain);
        }
        else if (NfRuleEntry.TryRead(message, out NfRuleEntry? rule) && rule.Table == Table)
        {
            ApplyRule(message, rule);
        }
        else if (NfSetEntry.TryRead(message, out NfSetEntry? set) && set.Table == Table)
        {
            if (message.Type == NfConstants.MessageType(NfConstants.NFT_MSG_DELSET))
            {
                Sets.Remove(set.Set.Name);
                _elements.Remove(set.Set.Name);
            }
            else
            {
                Add(set);
            }
        }
        else if (NfElementReader.TryCreate(message, out NfElementReader elements) && elements.Table.SequenceEqual(System.Text.Encoding.UTF8.GetBytes(Table.Name)))
        {
            ApplyElements(message, elements);
        }
        else if (NfObjectEntry.TryRead(message, out NfObjectEntry? value) && value.Table == Table)
        {
            if (message.Type == NfConstants.MessageType(NfConstants.NFT_MSG_DELOBJ))
            {
                Objects.Remove((value.Object.Type, value.Object.Name));
            }
            else
            {
                Add(value);
            }
        }
    }

    private void ApplyChain(in NetlinkMessage message, NfChainEntry chain)
    {
        if (message.Type == NfConstants.MessageType(NfConstants.NFT_MSG_DELCHAIN))
        {
            Chains.Remove(chain.Name);
            _rules.Remove(chain.Name);
        }
        else
        {
            Add(chain);
        }
    }

    private void ApplyRule(in NetlinkMessage message, NfRuleEntry rule)
    {
        if (message.Type == NfConstants.MessageType(NfConstants.NFT_MSG_DELRULE))
        {
            _rules.Remove(rule.Chain);
        }
        else if ((message.Flags & NetlinkFlags.Append) != 0)
        {
            Add(rule);
        }
        else
        {
            RulesOf(rule.Chain).Insert(0, rule);
        }
    }

    private void ApplyElements(in NetlinkMessage message, NfElementReader elements)
    {
        string set = System.Text.Encoding.UTF8.GetString(elements.Set);
        if (!_elements.TryGetValue(set, out List<NfElement>? list))
        {
            _elements.Add(set, list = []);
        }

        bool deletes = message.Type == NfConstants.MessageType(NfConstants.NFT_MSG_DELSETELEM);
        bool any = false;
        while (elements.TryRead(out NfElementView view))
        {
            any = true;
            var element = NfElement.From(view);
            if (deletes)
            {
                list.RemoveAll(e => e.Key.Span.SequenceEqual(element.Key.Span) && e.IsIntervalEnd == element.IsIntervalEnd);
            }
            else
            {
                list.Add(element);
            }
        }

        if (deletes && !any)
        {
            list.Clear();
        }
    }

    private List<NfRuleEntry> RulesOf(string chain)
    {
        if (!_rules.TryGetValue(chain, out List<NfRuleEntry>? rules))
        {
            _rules.Add(chain, rules = []);
        }

        return rules;
    }

    private void Add(NfChainEntry chain) => Chains[chain.Name] = chain;

    private void Add(NfRuleEntry rule) => RulesOf(rule.Chain).Add(rule);

    private void Add(NfSetEntry set) => Sets[set.Set.Name] = set;

    private void Add(NfObjectEntry value) => Objects[(value.Object.Type, value.Object.Name)] = value;

    private sealed class SameRule : IEqualityComparer<NfRuleEntry>
    {
        public static SameRule Instance { get; } = new();

        public bool Equals(NfRuleEntry? x, NfRuleEntry? y) => x is not null && y is not null && x.DoesTheSameAs(y);

        public int GetHashCode(NfRuleEntry obj) => obj.Chain.GetHashCode(StringComparison.Ordinal);
    }
}
