namespace SwarmNet.Netlink.NfTables;

[TestFixture]
[Category("Kernel")]
public sealed class NfTablesMonitorTests
{
    [Test]
    public async Task What_another_program_does_is_seen_in_order_and_by_transaction()
    {
        using var scope = new TestNamespace();
        using NfTablesMonitor monitor = NfTablesMonitor.Open(scope.Namespace);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        scope.Exec("nft", "\"add table ip t; add chain ip t c; add set ip t s { type ipv4_addr; }; add element ip t s { 10.0.0.1, 10.0.0.2 }; add rule ip t c counter drop; add counter ip t n\"");
        scope.Exec("nft", "\"delete element ip t s { 10.0.0.2 }; flush chain ip t c\"");
        scope.Exec("nft", "delete table ip t");

        var seen = new List<NfTablesEvent>();
        await foreach (NfTablesEvent change in monitor.ReadAllAsync(patience.Token))
        {
            seen.Add(change);
            if (seen.Count(e => e.Kind == NfTablesEventKind.Committed) == 3)
            {
                break;
            }
        }

        int first = seen.FindIndex(e => e.Kind == NfTablesEventKind.Committed);
        Assert.That(seen[first].Generation!.ProcessName, Is.EqualTo("nft"));
        List<NfTablesEvent> created = seen[..first];
        Assert.That(created.All(e => e.Kind == NfTablesEventKind.Set), Is.True);
        Assert.That(created[0].Table!.Table, Is.EqualTo(new NfTable(NfFamily.Ip, "t")));
        Assert.That(created.Single(e => e.Chain is not null).Chain!.Name, Is.EqualTo("c"));
        Assert.That(created.Single(e => e.Set is not null).Set!.Set.Key, Is.EqualTo(NfType.Ipv4Address));
        Assert.That(created.Where(e => e.Elements is not null).SelectMany(e => e.Elements!.Elements).Count(), Is.EqualTo(2));
        Assert.That(created.Single(e => e.Rule is not null).Rule!.Expressions, Is.EqualTo(new NfExpression[] { new NfExpression.Counter(), new NfExpression.Verdict(NfVerdict.Drop, null) }));
        Assert.That(created.Single(e => e.Object is not null).Object!.Object, Is.EqualTo(new NfObject.Counter("n")));
        List<NfTablesEvent> later = seen[(first + 1)..];
        Assert.That(later.Where(e => e.Kind == NfTablesEventKind.Removed && e.Elements is not null).SelectMany(e => e.Elements!.Elements).First().Key.ToArray(), Is.EqualTo(new byte[] { 10, 0, 0, 2 }));
        Assert.That(later.Any(e => e.Kind == NfTablesEventKind.Removed && e.Rule is not null), Is.True);
        Assert.That(later.Any(e => e.Kind == NfTablesEventKind.Removed && e.Table is not null), Is.True);
    }
}
