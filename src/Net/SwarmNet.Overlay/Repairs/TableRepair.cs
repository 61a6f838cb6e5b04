using SwarmNet.Netlink;
using SwarmNet.Netlink.NfTables;

namespace SwarmNet.Overlay.Repairs;

/// <summary>Compares an nf_tables table of ours with what it should be: table, chains, rules, sets, elements.</summary>
/// <param name="table">The table.</param>
/// <param name="ignores">Differences that are none, such as the elements of sets that rules fill.</param>
internal sealed class TableRepair(NfTable table, Func<NfDifference, bool> ignores)
{
    /// <summary>What differs from the table that the transaction makes; empty when all is well.</summary>
    public List<NfDifference> Compare(NetlinkSocket socket, NfTablesBatch wanted)
    {
        NfTableSnapshot snapshot = NfTableSnapshot.Of(wanted, table);
        return SteadyReading.Of(() =>
        {
            List<NfDifference> differences = NfTableSnapshot.Read(socket, table).DifferencesFrom(snapshot);
            differences.RemoveAll(difference => ignores(difference));
            return differences;
        });
    }

    /// <summary>Compares, and when something differs carries the transaction out, which makes the table anew.</summary>
    /// <param name="socket">Of the table's namespace.</param>
    /// <param name="wanted">Makes the table as it should be.</param>
    /// <param name="inspectOnly">Change nothing.</param>
    public List<Repair> Run(NetlinkSocket socket, NfTablesBatch wanted, bool inspectOnly)
    {
        List<NfDifference> differences = Compare(socket, wanted);
        if (differences.Count > 0 && !inspectOnly)
        {
            wanted.Execute(socket);
        }

        return Describe(differences);
    }

    /// <summary>Differences as a report: one line per object, elements counted by set.</summary>
    public List<Repair> Describe(IReadOnlyList<NfDifference> differences)
    {
        if (differences.Any(static difference => difference is { Object: NfObjectKind.Table, Kind: NfDifferenceKind.Missing }))
        {
            return [new Repair($"table {table.Name}", "was missing")];
        }

        List<Repair> repairs = [.. differences.Where(static difference => difference.Object != NfObjectKind.Element)
            .Select(difference => new Repair(Subject(difference), difference.Kind switch
            {
                NfDifferenceKind.Missing => "was missing",
                NfDifferenceKind.Unexpected => "was not ours",
                _ => "was altered",
            }))];
        repairs.AddRange(differences.Where(static difference => difference.Object == NfObjectKind.Element)
            .GroupBy(static difference => difference.Name)
            .Select(set => new Repair($"set {set.Key} of table {table.Name}", $"differed in {set.Count()} {(set.Count() == 1 ? "element" : "elements")}")));
        return repairs;
    }

    private string Subject(NfDifference difference) => difference.Object switch
    {
        NfObjectKind.Table => $"table {table.Name}",
        NfObjectKind.Rules => $"rules of chain {difference.Name} of table {table.Name}",
        var kind => $"{kind.ToString().ToLowerInvariant()} {difference.Name} of table {table.Name}",
    };
}
