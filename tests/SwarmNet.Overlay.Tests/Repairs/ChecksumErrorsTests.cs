using System.Net;
using System.Net.Sockets;
using SwarmNet.Overlay.Encryption;
using SwarmNet.Overlay.Kernel;

namespace SwarmNet.Overlay.Repairs;

public sealed class ChecksumErrorsTests
{
    private const string Snmp = """
        Ip: Forwarding DefaultTTL
        Ip: 1 64
        Tcp: RtoAlgorithm InErrs OutRsts InCsumErrors
        Tcp: 1 9 8 3
        Udp: InDatagrams InCsumErrors IgnoredMulti
        Udp: 5 4 0
        UdpLite: InDatagrams InCsumErrors
        UdpLite: 5 100

        """;

    [TestCase(Snmp, "Ip6InReceives   \t6\nUdp6InCsumErrors                \t2\n", 9)]
    [TestCase(Snmp, null, 7)]
    [TestCase("Tcp: InCsumErrors\nUdp: 5\n", null, 0)]
    [TestCase("Tcp: A InCsumErrors\nTcp: 5\n", "Udp6InCsumErrors many\n", 0)]
    [TestCase(null, null, 0)]
    public void Counters_of_tcp_and_udp_are_added(string? snmp, string? snmp6, long expected) => Assert.That(ChecksumErrors.Count(snmp, snmp6), Is.EqualTo(expected));

    [Test]
    [Category("Kernel")]
    public async Task Packets_with_wrong_checksums_are_counted_where_they_arrive_and_nowhere_else()
    {
        using var net = new TestNet();
        net.Switch("lan", "eth0", ("sender", "10.0.1.11/24"), ("receiver", "10.0.1.12/24"));
        net.ServeUdp(net["receiver"], 53, "receiver");
        using Socket socket = TestNet.OpenSocket(net["sender"], SocketType.Dgram);
        Assert.That(await TestNet.AskUdp(socket, "10.0.1.12", 53), Does.StartWith("receiver"));
        for (int i = 0; i < 10; i++)
        {
            Assert.That(ChecksumErrors.Inspect(net["receiver"]), Is.Empty);
            ForgedFrame.SendWithWrongChecksum(net["sender"], IPAddress.Parse("10.0.1.11"), IPAddress.Parse("10.0.1.12"), 53);
        }

        await TestNet.Until(() => ChecksumErrors.Inspect(net["receiver"]).Count == 1, TimeSpan.FromSeconds(10), "they are counted");
        Assert.That($"{ChecksumErrors.Inspect(net["receiver"])[0]}", Does.StartWith("checksums of received packets were wrong 10 times: ").And.Contain("ethtool"));
        Assert.That(ChecksumErrors.Inspect(net["sender"]), Is.Empty);
    }
}
