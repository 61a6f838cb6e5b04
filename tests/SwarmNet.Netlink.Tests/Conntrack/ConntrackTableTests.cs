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

    [Test]
    public void Flows_of_one_mark_or_zone_are_forgotten()
    {
        using var scope = new TestNamespace();
        using NetlinkSocket socket = NetlinkSocket.Open(Libc.NETLINK_NETFILTER, scope.Namespace);
        Insert(scope, "udp -m 0x105", 1000, "10.0.0.5");
        Insert(scope, "udp -m 0x205", 1001, "10.0.0.5");
        Insert(scope, "udp -m 7", 1002, "10.0.0.5");
        Insert(scope, "udp -w 9", 1000, "10.0.0.5");
        Assert.That(ConntrackTable.List(socket, new ConntrackFilter { Mark = 5, MarkMask = 0xff }).Select(f => f.Mark), Is.EquivalentTo(new[] { 0x105, 0x205 }));
        Assert.That(ConntrackTable.List(socket, new ConntrackFilter { Zone = 9 }).Single().Original.SourcePort, Is.EqualTo(1000));
        Assert.That(ConntrackTable.List(socket, new ConntrackFilter { Zone = 0 }), Has.Count.EqualTo(3));

        Assert.That(ConntrackTable.Delete(socket, new ConntrackFilter { Zone = 9, OriginalDestinationPort = 53 }), Is.EqualTo(1));
        Assert.That(scope.Exec("conntrack", "-L -o xml"), Does.Not.Contain("<zone>9</zone>").And.Contain("<sport>1000</sport>"), "the same tuple of another zone stays");
        Assert.That(ConntrackTable.Delete(socket, new ConntrackFilter { Mark = 0x105 }), Is.EqualTo(1));
        string xml = scope.Exec("conntrack", "-L -o xml");
        Assert.That(xml, Does.Not.Contain("<mark>261</mark>").And.Contain("<mark>517</mark>").And.Contain("<mark>7</mark>"));
    }

    [Test]
    public void IPv6_flows_are_listed_as_the_tool_lists_them_and_forgotten()
    {
        using var scope = new TestNamespace();
        using NetlinkSocket socket = NetlinkSocket.Open(Libc.NETLINK_NETFILTER, scope.Namespace);
        scope.Exec("conntrack", "-I -p tcp --state ESTABLISHED -s fd00::1 -d fd00::9 -r fd00::5 -q fd00::1 --sport 1000 --dport 80 --reply-port-src 8080 --reply-port-dst 1000 -t 100");
        Insert(scope, "udp", 1001, "10.0.0.5");

        ConntrackFlow flow = ConntrackTable.List(socket, new ConntrackFilter { ReplySource = IPAddress.Parse("fd00::5") }).Single();
        Assert.That(flow.Original, Is.EqualTo(new ConntrackTuple(6, IPAddress.Parse("fd00::1"), IPAddress.Parse("fd00::9"), 1000, 80)));
        Assert.That(flow.Reply, Is.EqualTo(new ConntrackTuple(6, IPAddress.Parse("fd00::5"), IPAddress.Parse("fd00::1"), 8080, 1000)));
        Assert.That(flow.TcpState, Is.EqualTo(3));
        var xml = System.Xml.Linq.XDocument.Parse(scope.Exec("conntrack", "-L -f ipv6 -o xml,id"));
        Assert.That(flow.Id, Is.EqualTo(uint.Parse(xml.Descendants("id").Single().Value)));
        Assert.That(flow.TimeoutSeconds, Is.EqualTo(uint.Parse(xml.Descendants("timeout").Single().Value)).Within(2));
        Assert.That(ConntrackTable.List(socket), Has.Count.EqualTo(2));

        Assert.That(ConntrackTable.Delete(socket, new ConntrackFilter { OriginalDestination = IPAddress.Parse("fd00::9"), Protocol = 6 }), Is.EqualTo(1));
        Assert.That(scope.Exec("conntrack", "-L -f ipv6"), Does.Not.Contain("fd00"));
        Assert.That(ConntrackTable.List(socket), Has.Count.EqualTo(1));
    }

    private static void Insert(TestNamespace scope, string protocol, int port, string backend) => scope.Exec(
        "conntrack", $"-I -p {protocol} -s {Client} -d {Vip} -r {backend} -q {Client} --sport {port} --dport 53 --reply-port-src 53 --reply-port-dst {port} -t 100");
}
