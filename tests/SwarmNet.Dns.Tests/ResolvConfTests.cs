using System.Net;

namespace SwarmNet.Dns;

[TestFixture]
public sealed class ResolvConfTests
{
    [Test]
    public void Parse_reads_what_the_C_library_reads()
    {
        ResolvConf conf = ResolvConf.Parse("# comment\nnameserver 10.0.0.1\nnameserver\tfd00::1\nnameserver nonsense\nsearch a.example\nsearch b.example c.example\noptions ndots:2 rotate\noptions timeout:1\n");

        Assert.That(conf.Nameservers, Is.EqualTo(new[] { IPAddress.Parse("10.0.0.1"), IPAddress.Parse("fd00::1") }));
        Assert.That(conf.Search, Is.EqualTo(new[] { "b.example", "c.example" }));
        Assert.That(conf.Options, Is.EqualTo(new[] { "ndots:2", "rotate", "timeout:1" }));
    }

    [Test]
    public void At_most_three_upstreams()
    {
        ResolvConf conf = ResolvConf.Parse(string.Concat(Enumerable.Range(1, 5).Select(i => $"nameserver 10.0.0.{i}\n")));

        Assert.That(conf.Upstreams.Select(u => u.ToString()), Is.EqualTo(new[] { "10.0.0.1:53", "10.0.0.2:53", "10.0.0.3:53" }));
    }

    [TestCase("nameserver 1.1.1.1\nsearch x.example\n", "search x.example\nnameserver 127.0.0.11\noptions ndots:0\n")]
    [TestCase("options ndots:5 rotate\n", "nameserver 127.0.0.11\noptions ndots:5 rotate\n")]
    public void ForNamespace_keeps_search_and_options(string host, string expected) =>
        Assert.That(ResolvConf.Parse(host).ForNamespace(IPAddress.Parse("127.0.0.11")), Is.EqualTo(expected));
}
