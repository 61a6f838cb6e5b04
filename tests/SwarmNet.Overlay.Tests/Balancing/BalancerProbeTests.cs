using SwarmNet.Linux;
using SwarmNet.Overlay.Kernel;

namespace SwarmNet.Overlay.Balancing;

[TestFixture]
[Category("Kernel")]
public sealed class BalancerProbeTests
{
    [Test]
    public void Nf_tables_is_chosen_where_it_can_do_everything_and_the_trial_leaves_nothing()
    {
        using var net = new TestNet();
        NetworkNamespace ns = net.Add("client");
        Assert.That(ServiceBalancer.FindObstacle(ns, BalancerKind.NfTables), Is.Null);
        Assert.That(net.Exec("client", "nft list ruleset"), Is.Empty);
        using IServiceBalancer balancer = ServiceBalancer.Open(ns);
        Assert.That(balancer.Kind, Is.EqualTo(BalancerKind.NfTables));
    }

    [Test]
    public void A_kernel_without_ip_virtual_server_is_told_with_the_way_out()
    {
        using var net = new TestNet();
        NetworkNamespace ns = net.Add("client");
        Assume.That(File.Exists("/proc/net/ip_vs"), Is.False, "this kernel has it: the guest's tests show that it works");
        Assert.That(ServiceBalancer.FindObstacle(ns, BalancerKind.Ipvs), Does.Contain("module ip_vs"));
        Assert.That(
            () => ServiceBalancer.Open(ns, BalancerKind.Ipvs),
            Throws.TypeOf<OverlayException>().With.Message.Contains("load the module ip_vs").And.Message.Contains("use the balancer by nf_tables"));
    }
}
