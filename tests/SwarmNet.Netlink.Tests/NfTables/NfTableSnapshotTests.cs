namespace SwarmNet.Netlink.NfTables;

/// <summary>What the kernel lists of our transaction decodes to what the transaction itself decodes to, and drift is found.</summary>
public sealed class NfTableSnapshotTests : NfTablesKernelFixture
{
    private static readonly NfTable Table = new(NfFamily.Ip, "t");

    [Test]
    public void Every_statement_comes_back_from_the_kernel()
    {
        var inet = new NfTable(NfFamily.Inet, "i");
        NfTablesBatch batch = NfTablesStatementKernelTests.EveryStatement(inet);
        batch.Execute(Socket);
        var wanted = NfTableSnapshot.Of(batch, inet);
        NfTableSnapshot actual = NfTableSnapshot.Read(Socket, inet);
        Assert.That(actual.Chains, Has.Count.GreaterThan(3));
        foreach (string chain in actual.Chains.Keys)
        {
            Assert.That(
                actual.Rules(chain).Select(rule => string.Join(" ", rule.Expressions)), Is.EqualTo(wanted.Rules(chain).Select(rule => string.Join(" ", rule.Expressions))), chain);
        }

        Assert.That(actual.DifferencesFrom(wanted), Is.Empty);
        Assert.That(actual.Rules("c").SelectMany(rule => rule.Expressions).OfType<NfExpression.Unknown>(), Is.Empty);
    }

    [Test]
    public void Sets_maps_and_objects_come_back_from_the_kernel()
    {
        NfTablesBatch batch = Wanted();
        batch.Execute(Socket);
        NfTableSnapshot actual = NfTableSnapshot.Read(Socket, Table);
        Assert.That(actual.DifferencesFrom(NfTableSnapshot.Of(batch, Table)), Is.Empty);
        Assert.That(actual.Elements("big"), Has.Count.EqualTo(3000));
        NfElement timed = actual.Elements("timed").Single(e => e.Comment == "first");
        Assert.That(timed.ExpirationMs, Is.InRange(1UL, 30_000UL));
        Assert.That(timed.Expressions!.Single(), Is.TypeOf<NfExpression.Counter>());
        Assert.That(((NfObject.CtTimeout)actual.Objects[(NfObjectType.CtTimeout, "long")].Object)[NfCtTimeoutState.TcpEstablished], Is.EqualTo(7777));
        Assert.That(actual.Generation, Is.EqualTo(NfTablesQuery.GetGeneration(Socket)));
    }

    [TestCase("delete element ip t big { 10.0.0.7 }", "Missing element 0a000007 of big")]
    [TestCase("add element ip t big { 10.9.9.9 : 1.1.1.1 }", "Unexpected element 0a090909 of big")]
    [TestCase("add rule ip t c drop", "Changed Rules c")]
    [TestCase("flush chain ip t c", "Changed Rules c")]
    [TestCase("add chain ip t other", "Unexpected Chain other")]
    [TestCase("chain ip t pre { policy drop; }", "Changed Chain pre")]
    [TestCase("add set ip t more { type mark; }", "Unexpected Set more")]
    [TestCase("delete counter ip t spare", "Missing Object spare")]
    [TestCase("delete table ip t", "Missing Table t")]
    [TestCase("add table ip t { flags dormant; }", "Changed Table t")]
    public void Drift_is_found_and_named(string command, string difference)
    {
        NfTablesBatch batch = Wanted();
        batch.Execute(Socket);
        Scope.Exec("nft", $"\"{command}\"");
        List<NfDifference> differences = NfTableSnapshot.Read(Socket, Table).DifferencesFrom(NfTableSnapshot.Of(batch, Table));
        Assert.That(differences.Select(d => d.ToString()), Does.Contain(difference));
    }

    [Test]
    public void A_changed_element_is_missing_and_unexpected()
    {
        NfTablesBatch batch = Wanted();
        batch.Execute(Socket);
        Scope.Exec("nft", "\"delete element ip t big { 10.0.0.7 }; add element ip t big { 10.0.0.7 : 9.9.9.9 }\"");
        List<NfDifference> differences = NfTableSnapshot.Read(Socket, Table).DifferencesFrom(NfTableSnapshot.Of(batch, Table));
        Assert.That(differences.Select(d => d.Kind), Is.EquivalentTo(new[] { NfDifferenceKind.Missing, NfDifferenceKind.Unexpected }));
        Assert.That(differences.Select(d => d.Element!.Value.Data.ToArray()), Is.EquivalentTo(new byte[][] { [9, 9, 9, 9], [1, 2, 3, 7] }));
    }

    [Test]
    public void A_transaction_that_replaces_and_deletes_is_followed()
    {
        var batch = new NfTablesBatch();
        batch.AddTable(Table).AddChain(Table, "old").ReplaceTable(Table).AddChain(Table, "a").AddChain(Table, "b").AddSet(Table, new NfSet { Name = "s", Key = NfType.Ipv4Address })
            .AddSet(Table, new NfSet { Name = "gone", Key = NfType.Ipv4Address }).DeleteSet(Table, "gone").DeleteChain(Table, "b")
            .AddObject(Table, new NfObject.Counter("n")).DeleteObject(Table, NfObjectType.Counter, "n");
        batch.AddRule(Table, "a").Counter().End();
        batch.FlushChain(Table, "a");
        batch.AddRule(Table, "a").Verdict(NfVerdict.Drop).End();
        batch.InsertRule(Table, "a").Verdict(NfVerdict.Accept).End();
        NfElements elements = batch.AddElements(Table, "s");
        elements.Key([1, 1, 1, 1]);
        elements.End();
        batch.FlushSet(Table, "s");
        elements = batch.AddElements(Table, "s");
        elements.Key([2, 2, 2, 2]);
        elements.Key([3, 3, 3, 3]);
        elements.End();
        elements = batch.DeleteElements(Table, "s");
        elements.Key([3, 3, 3, 3]);
        elements.End();
        batch.Execute(Socket);
        var wanted = NfTableSnapshot.Of(batch, Table);
        Assert.That(wanted.Chains.Keys, Is.EqualTo(new[] { "a" }));
        Assert.That(wanted.Rules("a"), Has.Count.EqualTo(2));
        Assert.That(wanted.Elements("s").Single().Key.ToArray(), Is.EqualTo(new byte[] { 2, 2, 2, 2 }));
        Assert.That(NfTableSnapshot.Read(Socket, Table).DifferencesFrom(wanted), Is.Empty);
    }

    private static NfTablesBatch Wanted()
    {
        var batch = new NfTablesBatch();
        batch.AddTable(Table, comment: "mine")
            .AddBaseChain(Table, new NfBaseChain { Name = "pre", Hook = NfHook.Prerouting, Priority = NfPriority.Mangle, Comment = "first" })
            .AddChain(Table, "c")
            .AddObject(Table, new NfObject.Counter("n"), "note")
            .AddObject(Table, new NfObject.Counter("spare"))
            .AddObject(Table, new NfObject.CtTimeout("long", NfFamily.Ip, 6) { Seconds = [(NfCtTimeoutState.TcpEstablished, 7777)] })
            .AddSet(Table, new NfSet { Name = "big", Key = NfType.Ipv4Address, Data = NfType.Ipv4Address, Comment = "many" })
            .AddSet(Table, new NfSet { Name = "objects", Key = NfType.Mark, Object = NfObjectType.Counter })
            .AddSet(Table, new NfSet { Name = "vmap", Key = NfType.InetService, Data = NfType.Verdict, Flags = NfSetFlags.Interval })
            .AddSet(Table, new NfSet
            {
                Name = "pairs",
                Key = NfType.Concat(NfType.Ipv4Address, NfType.InetService),
                Data = NfType.Mark,
                Flags = NfSetFlags.Interval,
                ConcatLengths = [4, 2],
            })
            .AddSet(Table, new NfSet
            {
                Name = "timed",
                Key = NfType.Ipv4Address,
                Flags = NfSetFlags.Timeout,
                Timeout = TimeSpan.FromMinutes(2),
                Size = 1000,
                Expressions = [new NfExpression.Counter()],
            });
        NfElements elements = batch.AddElements(Table, "big");
        for (int i = 0; i < 3000; i++)
        {
            elements.Pair([10, 0, (byte)(i >> 8), (byte)i], [1, 2, 3, (byte)i]);
        }

        elements.End();
        elements = batch.AddElements(Table, "objects");
        elements.Object(BitConverter.GetBytes(7), "n");
        elements.End();
        elements = batch.AddElements(Table, "vmap");
        elements.RangeVerdict([0, 80], [0, 91], NfVerdict.Goto, "c");
        elements.RangeVerdict([1, 0], [2, 0], NfVerdict.Drop);
        elements.End();
        elements = batch.AddElements(Table, "pairs");
        elements.ConcatRange([10, 0, 0, 0, 0, 80, 0, 0], [10, 0, 0, 255, 0, 90, 0, 0], BitConverter.GetBytes(5));
        elements.End();
        elements = batch.AddElements(Table, "timed");
        elements.Element(new NfElementSpec { Key = [10, 0, 0, 1], TimeoutMs = 30_000, Comment = "first" });
        elements.Key([10, 0, 0, 2]);
        elements.End();
        batch.AddRule(Table, "c").Ipv4Source(NfRegister.R0).InSet("timed", NfRegister.R0).Counter().End("seen");
        return batch;
    }
}
