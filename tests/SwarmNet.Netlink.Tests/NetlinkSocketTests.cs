using SwarmNet.Linux;

namespace SwarmNet.Netlink;

[TestFixture]
[Category("Kernel")]
public sealed class NetlinkSocketTests
{
    private const ushort RTM_NEWLINK = 16;
    private const ushort RTM_GETLINK = 18;
    private const ushort IFLA_IFNAME = 3;

    [Test]
    public void Query_dumps_the_links_of_a_fresh_namespace()
    {
        using var scope = new TestNamespace();
        using NetlinkSocket socket = NetlinkSocket.Open(Libc.NETLINK_ROUTE, scope.Namespace);
        var request = new NetlinkWriter();
        request.BeginMessage(RTM_GETLINK, NetlinkFlags.Request | NetlinkFlags.Dump, NetlinkSocket.NextSequence());
        request.Reserve(16);
        request.EndMessage();

        List<string> names = socket.Query(request, static (in NetlinkMessage m, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out string name) =>
        {
            bool found = m.Attributes(16).TryFind(IFLA_IFNAME, out NetlinkAttribute attribute);
            name = attribute.GetString();
            return found;
        }, "list links");

        Assert.That(names, Does.Contain("lo"));
    }

    [Test]
    public void Execute_reports_every_refusal_with_its_operation_and_the_kernels_text()
    {
        using var scope = new TestNamespace();
        using NetlinkSocket socket = NetlinkSocket.Open(Libc.NETLINK_ROUTE, scope.Namespace);
        var batch = new NetlinkBatch();
        WriteNewLink(batch, "br0", "bridge");
        WriteNewLink(batch, "br0", "bridge");
        WriteNewLink(batch, "x", "nonsense");

        Assert.That(() => socket.Execute(batch), Throws.TypeOf<NetlinkException>().With.Message.Contains("add link br0: File exists (EEXIST)"));
        Assert.That(batch.Failures.Select(f => f.Errno), Is.EqualTo(new[] { Errno.EEXIST, Errno.EOPNOTSUPP }));
        Assert.That(batch.Failures[1].KernelMessage, Is.EqualTo("Unknown device type"));
    }

    [Test]
    public void Execute_treats_a_tolerated_error_as_success()
    {
        using var scope = new TestNamespace();
        using NetlinkSocket socket = NetlinkSocket.Open(Libc.NETLINK_ROUTE, scope.Namespace);
        var batch = new NetlinkBatch();
        WriteNewLink(batch, "br0", "bridge");
        WriteNewLink(batch, "br0", "bridge", Errno.EEXIST);

        Assert.That(() => socket.Execute(batch), Throws.Nothing);
    }

    [Test]
    public void Execute_splits_what_is_too_much_for_one_send()
    {
        using var scope = new TestNamespace();
        using NetlinkSocket socket = NetlinkSocket.Open(Libc.NETLINK_ROUTE, scope.Namespace);
        var batch = new NetlinkBatch();
        for (int i = 0; i < 2500; i++)
        {
            WriteNewLink(batch, $"no{i}", "nonsense");
        }

        Assert.That(socket.TryExecute(batch), Is.False);
        Assert.That(batch.Failures, Has.Count.EqualTo(2500));
        Assert.That(batch.Failures[2499].Operation, Is.EqualTo("add link no2499"));
    }

    [Test]
    public void Execute_of_an_nf_tables_transaction_is_all_or_nothing()
    {
        const byte NFT_MSG_NEWTABLE = 0;
        const byte NFT_MSG_NEWCHAIN = 3;
        using var scope = new TestNamespace();
        using NetlinkSocket socket = NetlinkSocket.Open(Libc.NETLINK_NETFILTER, scope.Namespace);
        var batch = new NfnetlinkBatch();

        WriteTable(batch, "good");
        batch.BeginChange(NFT_MSG_NEWCHAIN, NetlinkFlags.Create, 2, "add chain", "c");
        batch.PutString(1, "missing");
        batch.PutString(3, "c");
        batch.EndMessage();
        Assert.That(() => socket.Execute(batch), Throws.TypeOf<NetlinkException>().With.Property(nameof(NetlinkException.Operation)).EqualTo("add chain c"));
        Assert.That(scope.Exec("nft", "list tables"), Is.Empty);

        batch.Clear();
        WriteTable(batch, "good");
        socket.Execute(batch);
        Assert.That(scope.Exec("nft", "list tables"), Is.EqualTo("table ip good\n"));

        batch.Clear();
        Assert.That(() => socket.Execute(batch), Throws.Nothing, "an empty transaction");

        static void WriteTable(NfnetlinkBatch batch, string name)
        {
            batch.BeginChange(NFT_MSG_NEWTABLE, NetlinkFlags.Create, 2, "add table", name);
            batch.PutString(1, name);
            batch.EndMessage();
        }
    }

    private static void WriteNewLink(NetlinkBatch batch, string name, string kind, Errno tolerated = Errno.None)
    {
        batch.Begin(RTM_NEWLINK, NetlinkFlags.Create | NetlinkFlags.Exclusive, "add link", name, tolerated);
        batch.Reserve(16);
        batch.PutString(IFLA_IFNAME, name);
        int info = batch.BeginNested(18);
        batch.PutString(1, kind);
        batch.EndNested(info);
        batch.EndMessage();
    }
}
