using SwarmNet.Cli.Daemon;
using SwarmNet.Overlay.Balancing;

namespace SwarmNet.Cli.Tests.Daemon;

[TestFixture]
public sealed class BalancerFlagTests
{
    [TestCase("auto", null)]
    [TestCase("nftables", BalancerKind.NfTables)]
    [TestCase("ipvs", BalancerKind.Ipvs)]
    public void The_means_of_balancing_is_chosen_by_name(string name, BalancerKind? kind) =>
        Assert.That(DaemonOptions.Parse(["--balancer", name]).Balancer, Is.EqualTo(kind));

    [Test]
    public void Any_other_name_is_refused_with_those_that_there_are() =>
        Assert.That(() => DaemonOptions.Parse(["--balancer=lvs"]), Throws.TypeOf<FormatException>().With.Message.EqualTo("--balancer is auto, nftables or ipvs, not \"lvs\""));
}
