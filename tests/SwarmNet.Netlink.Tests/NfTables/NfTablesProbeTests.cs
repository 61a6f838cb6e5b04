using SwarmNet.Linux;

namespace SwarmNet.Netlink.NfTables;

[TestFixture]
[Category("Kernel")]
public sealed class NfTablesProbeTests
{
    /// <summary>The tool is the judge of what this kernel can do; what it loads, the probe must find, and the other way round.</summary>
    [TestCase(NfFeature.IpNat, "table ip t {\n chain c { type nat hook prerouting priority -100;\n dnat to 10.0.0.1\n }\n }")]
    [TestCase(NfFeature.InetNat, "table inet t {\n chain c { type nat hook prerouting priority -100;\n dnat ip to 10.0.0.1\n }\n }")]
    [TestCase(NfFeature.NetDevEgress, "table netdev t {\n chain c { type filter hook egress device lo priority 0;\n }\n }")]
    [TestCase(NfFeature.NetDevIngress, "table netdev t {\n chain c { type filter hook ingress device lo priority 0;\n }\n }")]
    [TestCase(NfFeature.CtTimeout, "table ip t {\n ct timeout x { protocol tcp; policy = { established : 100 }\n }\n }")]
    [TestCase(NfFeature.ConcatRanges, "table ip t {\n set s { type ipv4_addr . inet_service; flags interval; elements = { 10.0.0.0/8 . 80-90 }\n }\n }")]
    [TestCase(NfFeature.JenkinsHash, "table ip t {\n chain c { meta mark set jhash ip saddr mod 8\n }\n }")]
    [TestCase(NfFeature.ConnectionLimit, "table ip t {\n chain c { ct count 8 accept\n }\n }")]
    [TestCase(NfFeature.TransparentProxy, "table ip t {\n chain c { type filter hook prerouting priority -150;\n meta l4proto tcp tproxy to :80\n }\n }")]
    public void The_probe_agrees_with_nft(NfFeature feature, string ruleset)
    {
        using var scope = new TestNamespace();
        string file = Path.GetTempFileName();
        bool loaded;
        try
        {
            File.WriteAllText(file, ruleset + "\n");
            loaded = scope.Exec("sh", $"-c \"nft -f {file} 2>&1 && echo loaded || true\"").Contains("loaded", StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }

        Assert.That(NfTablesProbe.Capabilities.Has(feature), Is.EqualTo(loaded), NfTablesProbe.Capabilities.WhyNot(feature)?.Message);
    }

    [Test]
    public void What_is_missing_is_named_with_what_the_kernel_answered()
    {
        NfFeature[] all = Enum.GetValues<NfFeature>();
        var failures = new NetlinkException?[all.Length];
        failures[(int)NfFeature.NetDevEgress] = new NetlinkException("add chain netdev t c", Errno.EOPNOTSUPP);
        var capabilities = new NfCapabilities(failures);
        Assert.That(capabilities.Missing, Is.EqualTo(new[] { NfFeature.NetDevEgress }));
        Assert.DoesNotThrow(() => capabilities.Require(NfFeature.IpNat));
        NfFeatureException error = Assert.Throws<NfFeatureException>(() => capabilities.Require(NfFeature.NetDevEgress))!;
        Assert.That(error.Feature, Is.EqualTo(NfFeature.NetDevEgress));
        Assert.That(error.Message, Does.Contain("netdev egress chains").And.Contain("Linux 5.16 or later").And.Contain("EOPNOTSUPP"));
    }

    [Test]
    public void The_answer_is_remembered_and_nothing_is_left_behind()
    {
        NfCapabilities first = NfTablesProbe.Capabilities;
        Assert.That(NfTablesProbe.Capabilities, Is.SameAs(first));
        Assert.That(Directory.GetFiles(Path.GetTempPath(), $"swarmnet-probe-{Environment.ProcessId}-*"), Is.Empty);
        TestContext.Out.WriteLine($"missing here: {string.Join(", ", first.Missing)}");
    }
}
