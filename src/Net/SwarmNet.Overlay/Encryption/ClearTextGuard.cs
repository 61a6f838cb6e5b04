using System.Net.Sockets;
using SwarmNet.Linux;
using SwarmNet.Netlink;
using SwarmNet.Netlink.NfTables;
using SwarmNet.Overlay.Repairs;

namespace SwarmNet.Overlay.Encryption;

/// <summary>Keeps the table of <see cref="ClearTextRules"/> in one namespace. Not thread-safe; its owner locks.</summary>
internal sealed class ClearTextGuard(NetworkNamespace? ns, ushort port, AddressFamily family) : IDisposable
{
    private static readonly NfTable _table = ClearTextRules.Table;

    private readonly NetlinkSocket _socket = NetlinkSocket.Open(Libc.NETLINK_NETFILTER, ns);
    private readonly IReadOnlyList<(string Chain, NfExpression[] Expressions)> _rules = ClearTextRules.Of(port, family);
    private bool _isKnown;

    /// <summary>VNIs in the set; those of an earlier process among them from the first change on.</summary>
    public HashSet<uint> Vnis { get; } = [];

    /// <summary>Packets dropped so far on their way out and in, and those of the self-test that were not. Zeros when the table is not there.</summary>
    public (ulong Out, ulong In, ulong Arrived) Counts
    {
        get
        {
            List<NfObject> objects = NfTablesQuery.GetObjects(_socket, _table).ConvertAll(entry => entry.Object);
            return (Packets(ClearTextRules.DroppedOut), Packets(ClearTextRules.DroppedIn), Packets(ClearTextRules.TestArrived));

            ulong Packets(string name) => objects.OfType<NfObject.Counter>().FirstOrDefault(counter => counter.Name == name)?.Packets ?? 0;
        }
    }

    /// <summary>Adds a VNI; false when it is there already.</summary>
    public bool Add(uint vni)
    {
        Adopt();
        if (Vnis.Contains(vni))
        {
            return false;
        }

        var batch = new NfTablesBatch();
        AddElements(batch, [vni]);
        batch.Execute(_socket);
        return Vnis.Add(vni);
    }

    /// <summary>Removes a VNI; false when it is not there.</summary>
    public bool Remove(uint vni)
    {
        if (!_isKnown && !NfTablesQuery.TableExists(_socket, _table))
        {
            return false;
        }

        Adopt();
        if (!Vnis.Remove(vni))
        {
            return false;
        }

        var batch = new NfTablesBatch();
        NfElements elements = batch.DeleteElements(_table, ClearTextRules.Vnis);
        elements.Key(ClearTextRules.Key(vni));
        elements.End();
        batch.Execute(_socket);
        return true;
    }

    /// <summary>Compares the kernel's table with what is wanted, and puts right what differs, within one transaction.</summary>
    /// <param name="inspectOnly">Leave it as it is.</param>
    public IReadOnlyList<Repair> Repair(bool inspectOnly = false)
    {
        if (!_isKnown)
        {
            return [];
        }

        List<NfDifference> differences = Differences();
        if (differences.Count > 0 && !inspectOnly)
        {
            Define().Execute(_socket);
        }

        int table = differences.FindIndex(difference => difference.Object == NfObjectKind.Table);
        return table >= 0 ? [Describe(differences[table])] : differences.ConvertAll(Describe);
    }

    /// <summary>Removes the table. Absence is not an error.</summary>
    public void Delete()
    {
        new NfTablesBatch().AddTable(_table).DeleteTable(_table).Execute(_socket);
        Vnis.Clear();
        _isKnown = false;
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>Takes over the VNIs of an earlier process; makes the table if there is none, or one with other rules.</summary>
    private void Adopt()
    {
        if (_isKnown)
        {
            return;
        }

        if (NfTablesQuery.ListSets(_socket, _table).Contains(ClearTextRules.Vnis))
        {
            Vnis.UnionWith(NfTablesQuery.ListElements(_socket, _table, ClearTextRules.Vnis)
                .Where(static element => element.Key.Length == ClearTextRules.VniLength)
                .Select(static element => ClearTextRules.Vni(element.Key.Span)));
        }

        if (Differences().Count > 0)
        {
            Define().Execute(_socket);
        }

        _isKnown = true;
    }

    private List<NfDifference> Differences() => NfTableSnapshot.Read(_socket, _table).DifferencesFrom(NfTableSnapshot.Of(Define(), _table));

    /// <summary>The whole table in one transaction: there is no moment without it, or with a part of it.</summary>
    private NfTablesBatch Define()
    {
        var batch = new NfTablesBatch();
        batch.ReplaceTable(_table)
            .AddObject(_table, new NfObject.Counter(ClearTextRules.DroppedOut))
            .AddObject(_table, new NfObject.Counter(ClearTextRules.DroppedIn))
            .AddObject(_table, new NfObject.Counter(ClearTextRules.TestArrived))
            .AddSet(_table, ClearTextRules.Set);
        foreach (NfBaseChain chain in ClearTextRules.Chains)
        {
            batch.AddBaseChain(_table, chain);
        }

        foreach ((string chain, NfExpression[] expressions) in _rules)
        {
            NfRule rule = batch.AddRule(_table, chain);
            foreach (NfExpression expression in expressions)
            {
                rule.Add(expression);
            }

            rule.End();
        }

        AddElements(batch, Vnis);
        return batch;
    }

    private static void AddElements(NfTablesBatch batch, IEnumerable<uint> vnis)
    {
        NfElements elements = batch.AddElements(_table, ClearTextRules.Vnis);
        foreach (uint vni in vnis)
        {
            elements.Key(ClearTextRules.Key(vni));
        }

        elements.End();
    }

    private static Repair Describe(NfDifference difference)
    {
        string table = $"table inet {_table.Name}";
        string subject = difference.Object switch
        {
            NfObjectKind.Table => table,
            NfObjectKind.Rules => $"rules of chain {difference.Name} of {table}",
            NfObjectKind.Element when difference.Element is { } element && element.Key.Length == ClearTextRules.VniLength =>
                $"VNI {ClearTextRules.Vni(element.Key.Span)} in set {difference.Name} of {table}",
            _ => $"{difference.Object.ToString().ToLowerInvariant()} {difference.Name} of {table}",
        };
        return new Repair(subject, difference.Kind switch
        {
            NfDifferenceKind.Missing => "was missing",
            NfDifferenceKind.Unexpected => "was not wanted",
            _ => "was altered",
        });
    }
}
