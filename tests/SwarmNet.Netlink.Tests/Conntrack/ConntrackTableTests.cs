using System.Net;
using SwarmNet.Linux;

namespace SwarmNet.Netlink.Conntrack;

[Category("Kernel")]
public sealed class ConntrackTableTests
{
    private static readonly IPAddress Client = IPAddress.Parse("10.0.0.1");
    private static readonly IPAddress Vip = IPAddress.Parse("10.0.0.9");

    [Test]
    public void Flows_made_by_conntrack_are_listed_with_both_directions()
    {
        using var scope = new TestNamespace();
        using NetlinkSocket socket = NetlinkSocket.Open(Libc.NETLINK_NETFILTER, scope.Namespace);
        Insert(scope, "udp", 1000, "10.0.0.5");

        ConntrackFlow flow = ConntrackTable.List(socket).Single();
        Assert.That(ConntrackTable.Count(socket), Is.GreaterThan(0), "the namespace's own count");

        Assert.That(flow.Original, Is.EqualTo(new ConntrackTuple(17, Client, Vip, 1000, 53)));
        Assert.That(flow.Reply, Is.EqualTo(new ConntrackTuple(17, IPAddress.Parse("10.0.0.5"), Client, 53, 1000)));
        Assert.That(flow.Id, Is.Not.Zero);
    }

    [Test]
    public void Only_flows_of_the_leaving_backend_are_forgotten()
    {
        using var scope = new TestNamespace();
        using NetlinkSocket socket = NetlinkSocket.Open(Libc.NETLINK_NETFILTER, scope.Namespace);
        Insert(scope, "udp", 1000, "10.0.0.5");
        Insert(scope, "udp", 1001, "10.0.0.5");
        Insert(scope, "udp", 1002, "10.0.0.6");
        Insert(scope, "tcp --state ESTABLISHED", 1003, "10.0.0.5");

        int deleted = ConntrackTable.Delete(socket, new ConntrackFilter
        {
            Protocol = 17,
            OriginalDestination = Vip,
            ReplySource = IPAddress.Parse("10.0.0.5"),
        });

        Assert.That(deleted, Is.EqualTo(2));
        Assert.That(ConntrackTable.List(socket).Select(flow => flow.Original.SourcePort), Is.EquivalentTo(new[] { 1002, 1003 }));
        Assert.That(scope.Exec("conntrack", "-L -p udp"), Does.Not.Contain("src=10.0.0.5"));
    }

    private static void Insert(TestNamespace scope, string protocol, int port, string backend) => scope.Exec(
        "conntrack", $"-I -p {protocol} -s {Client} -d {Vip} -r {backend} -q {Client} --sport {port} --dport 53 --reply-port-src 53 --reply-port-dst {port} -t 100");
}
