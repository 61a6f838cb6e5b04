using SwarmNet.Linux;

namespace SwarmNet.Netlink.NfTables;

/// <summary>A refused change is named with family, table and object, and the error says what it means there.</summary>
public sealed class NfTablesErrorTests : NfTablesKernelFixture
{
    private static readonly NfTable Table = new(NfFamily.Ip, "t");

    [SetUp]
    public void Prepare()
    {
        var batch = new NfTablesBatch();
        batch.AddTable(Table).AddChain(Table, "c").AddSet(Table, new NfSet { Name = "m", Key = NfType.Ipv4Address, Data = NfType.Ipv4Address });
        NfElements elements = batch.AddElements(Table, "m");
        elements.Pair([10, 0, 0, 1], [1, 1, 1, 1]);
        elements.End().Execute(Socket);
    }

    [Test]
    public void A_missing_table() => Refused(
        batch => batch.AddChain(new NfTable(NfFamily.Inet, "nowhere"), "c"),
        Errno.ENOENT, "add chain inet nowhere c", "there is no such table");

    [Test]
    public void A_missing_chain() => Refused(
        batch => batch.AddRule(Table, "none").Counter().End(), Errno.ENOENT, "add rule to chain ip t none", "there is no such chain (NFTA_RULE_CHAIN)");

    [Test]
    public void A_missing_set_in_a_rule() => Refused(
        batch => batch.AddRule(Table, "c").Ipv4Source(NfRegister.R0).InSet("none", NfRegister.R0).End(),
        Errno.ENOENT, "add rule to chain ip t c", "a set, object or chain that the rule names is not in the table");

    [Test]
    public void A_missing_key() => Refused(
        batch =>
        {
            NfElements elements = batch.DeleteElements(Table, "m");
            elements.Key([10, 0, 0, 1]);
            elements.Key([10, 0, 0, 2]);
            elements.End();
        },
        Errno.ENOENT, "delete elements of set ip t m", "element 0a000002: a key is not in the set, or there is no such set (NFTA_SET_ELEM_LIST_ELEMENTS/NFTA_LIST_ELEM");

    [Test]
    public void A_key_with_other_data() => Refused(
        batch =>
        {
            NfElements elements = batch.AddElements(Table, "m");
            elements.Pair([10, 0, 0, 1], [2, 2, 2, 2]);
            elements.End();
        },
        Errno.EEXIST, "add elements to set ip t m", "element 0a000001: a key is there already with other data");

    [Test]
    public void A_set_with_other_types() => Refused(
        batch => batch.AddSet(Table, new NfSet { Name = "m", Key = NfType.InetService }), Errno.EEXIST, "add set ip t m", "it exists already with other properties");

    [Test]
    public void A_chain_that_is_jumped_to()
    {
        var batch = new NfTablesBatch();
        batch.AddChain(Table, "d");
        batch.AddRule(Table, "c").Verdict(NfVerdict.Jump, "d").End();
        batch.Execute(Socket);
        Refused(b => b.DeleteChain(Table, "d"), Errno.EBUSY, "delete chain ip t d", "a rule, map or element still uses it");
    }

    [Test]
    public void A_loop_of_jumps()
    {
        var batch = new NfTablesBatch();
        batch.AddChain(Table, "d");
        batch.AddRule(Table, "c").Verdict(NfVerdict.Jump, "d").End();
        batch.AddBaseChain(Table, "in", NfChainType.Filter, NfHook.Input, 0).AddRule(Table, "in").Verdict(NfVerdict.Jump, "c").End();
        batch.Execute(Socket);
        batch.Clear();
        batch.AddRule(Table, "d").Verdict(NfVerdict.Jump, "c").End();
        NetlinkException error = Assert.Throws<NetlinkException>(() => batch.Execute(Socket))!;
        // Kernels differ in whether they see the loop or its depth.
        Assert.That(error.Errno, Is.EqualTo(Errno.EMLINK).Or.EqualTo(Errno.ELOOP));
        Assert.That(error.Message, Does.StartWith("add rule to chain ip t d: ").And.Contain("close a loop"));
    }

    [Test]
    public void A_hook_that_the_type_does_not_have() => Refused(
        batch => batch.AddBaseChain(Table, "n", NfChainType.Nat, NfHook.Forward, 0), Errno.EOPNOTSUPP, "add chain ip t n", "no such chain type or hook");

    [Test]
    public void A_full_set()
    {
        new NfTablesBatch().AddSet(Table, new NfSet { Name = "two", Key = NfType.Ipv4Address, Size = 2 }).Execute(Socket);
        Refused(
            batch =>
            {
                NfElements elements = batch.AddElements(Table, "two");
                for (byte i = 0; i < 3; i++)
                {
                    elements.Key([10, 0, 0, i]);
                }

                elements.End();
            },
            Errno.ENFILE, "add elements to set ip t two", "the set is full");
    }

    [Test]
    public void A_rule_handle_that_is_not_there() => Refused(
        batch => batch.DeleteRule(Table, "c", 4711), Errno.ENOENT, "delete rule of chain ip t c", "there is no such rule");

    [Test]
    public void A_hook_that_the_family_does_not_have_is_refused_before_it_is_sent()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new NfTablesBatch().AddBaseChain(Table, "c", NfChainType.Filter, NfHook.Egress, 0))!;
        Assert.That(error.Message, Does.Contain("Tables of family Ip have no hook Egress"));
    }

    private void Refused(Action<NfTablesBatch> change, Errno errno, string operation, string explanation)
    {
        string before = Scope.Exec("nft", "list ruleset");
        var batch = new NfTablesBatch();
        batch.AddChain(Table, "fine");
        change(batch);
        NetlinkException error = Assert.Throws<NetlinkException>(() => batch.Execute(Socket))!;
        TestContext.Out.WriteLine(error.Message);
        Assert.That(error.Errno, Is.EqualTo(errno), error.Message);
        Assert.That(error.Operation, Is.EqualTo(operation));
        Assert.That(error.Message, Does.Contain(explanation).And.Contain(errno.ToString()));
        Assert.That(Scope.Exec("nft", "list ruleset"), Is.EqualTo(before), "nothing of the transaction took effect");
    }
}
