using SwarmNet.Linux;

namespace SwarmNet.Netlink.NfTables;

/// <summary>A namespace and a socket to its nf_tables for each test.</summary>
[Category("Kernel")]
public abstract class NfTablesKernelFixture
{
    private protected TestNamespace Scope { get; private set; } = null!;

    private protected NetlinkSocket Socket { get; private set; } = null!;

    [SetUp]
    public void Open()
    {
        Scope = new TestNamespace();
        Socket = NetlinkSocket.Open(Libc.NETLINK_NETFILTER, Scope.Namespace);
    }

    [TearDown]
    public void Close()
    {
        Socket.Dispose();
        Scope.Dispose();
    }
}
