using System.Net;
using SwarmNet.Linux;
using SwarmNet.Netlink;
using SwarmNet.Netlink.Route;
using SwarmNet.Overlay.Kernel;

namespace SwarmNet.Overlay.Networks;

/// <summary>Networks that cannot be: one error that names the cause and the way out, and nothing half made.</summary>
public sealed class ImpossibleNetworkTests
{
    private static readonly OverlayNetworkOptions _good = new()
    {
        Id = "demo",
        Vni = 4097,
        Subnet = IPv4Prefix.Parse("10.0.1.0/24"),
        Gateway = IPAddress.Parse("10.0.1.1"),
        LocalVtep = IPAddress.Parse("10.99.0.1"),
        NamespacePath = "/nowhere/demo",
    };

    private static IEnumerable<TestCaseData> Contradictions()
    {
        yield return new TestCaseData(_good with { Vni = 0 }, "The VNI 0 of network demo must be from 1 to 16777215.");
        yield return new TestCaseData(_good with { Gateway = IPAddress.Parse("10.0.2.1") }, "The gateway 10.0.2.1 of network demo is outside its subnet 10.0.1.0/24.");
        yield return new TestCaseData(_good with { Mtu = 60 }, "The MTU 60 of network demo must be from 68 to 65535: an underlay of MTU 1500 gives 1450.");
        yield return new TestCaseData(
            _good with { Mtu = 1200, IPv6Subnet = IPNetwork.Parse("fd00::/64"), LocalVtep = IPAddress.Parse("fd99::1") },
            "The MTU 1200 of network demo must be from 1280 to 65535: an underlay of MTU 1500 gives 1430.");
        yield return new TestCaseData(_good with { IPv6Subnet = IPNetwork.Parse("10.0.0.0/8") }, "The IPv6 subnet 10.0.0.0/8 of network demo is none: fd00:1::/64 would be one.");
        yield return new TestCaseData(
            _good with { MoreSubnets = [new OverlaySubnet(4097, IPv4Prefix.Parse("10.0.2.0/24"), IPAddress.Parse("10.0.2.1"))] },
            "The VNI 4097 of network demo is there twice: each subnet needs one of its own.");
        yield return new TestCaseData(
            _good with { MoreSubnets = [new OverlaySubnet(4098, IPv4Prefix.Parse("10.0.0.0/16"), IPAddress.Parse("10.0.2.1"))] },
            "The subnets 10.0.1.0/24 and 10.0.0.0/16 of network demo overlap.");
    }

    [TestCaseSource(nameof(Contradictions))]
    public void Options_that_contradict_each_other_are_refused(OverlayNetworkOptions options, string message)
        => Assert.That(() => OverlayNetwork.Open(options), Throws.ArgumentException.With.Message.EqualTo(message));

    [TestCase("10.0.0.0/16", "10.77.0.254", "the route 10.0.0.0/16 via 10.77.0.254 dev eth0")]
    [TestCase("10.0.1.128/25", null, "the route 10.0.1.128/25 dev eth0")]
    [TestCase("0.0.0.0/0", "10.77.0.254", null)]
    [TestCase("10.0.2.0/24", null, null)]
    [TestCase("fd00:1::/48", "fe80::1", "the route fd00:1::/48 via fe80::1 dev eth0")]
    [TestCase("fd00:1:0:0:8000::/65", null, "the route fd00:1:0:0:8000::/65 dev eth0")]
    [TestCase("fd00:1:0:1::/64", null, null)]
    [TestCase("fd00:1::5/128", null, "the route fd00:1::5/128 dev eth0")]
    [TestCase("::/0", "fe80::1", null)]
    public void A_route_that_leads_to_the_same_addresses_is_named(string destination, string? gateway, string? expected)
    {
        var route = new RouteEntry { Destination = IPNetwork.Parse(destination), Gateway = gateway is null ? null : IPAddress.Parse(gateway), Link = 2 };
        LinkEntry[] links = [new LinkEntry { Index = 2, Name = "eth0" }];
        IPNetwork subnet = route.Destination.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? IPNetwork.Parse("10.0.1.0/24") : IPNetwork.Parse("fd00:1::/64");
        Assert.That(HostRoutes.FindCollision(subnet, [route], [], links), Is.EqualTo(expected));
        AddressEntry[] addresses = [new AddressEntry { Link = 2, Address = route.Destination.BaseAddress, PrefixLength = route.Destination.PrefixLength }];
        Assert.That(HostRoutes.FindCollision(subnet, [], addresses, links) is not null, Is.EqualTo(expected is not null || route.Destination.PrefixLength == 0));
    }

    [Test]
    public void A_missing_feature_is_named_with_the_way_to_get_it()
    {
        var refusal = new NetlinkException("add link vxlan0", Errno.EOPNOTSUPP);
        Assert.Multiple(() =>
        {
            Assert.That(
                KernelSupport.Explain(refusal, () => [KernelFeature.Vxlan]),
                Is.EqualTo("the kernel has no vxlan support (CONFIG_VXLAN): load it with \"modprobe vxlan\", or use a kernel that has it"));
            Assert.That(KernelSupport.Explain(refusal, () => []), Is.Null, "the kernel has all: the reason is another");
            Assert.That(KernelSupport.Explain(new NetlinkException("x", Errno.EINVAL), () => throw new InvalidOperationException()), Is.Null, "no reason to probe");
            Assert.That(KernelSupport.Explain(new NetlinkException("x", Errno.EPERM), () => []), Does.StartWith("the capabilities CAP_NET_ADMIN and CAP_SYS_ADMIN are missing"));
            Assert.That(KernelSupport.Explain(new LinuxException("unshare", Errno.EPERM), () => []), Is.Not.Null);
        });
    }

    [Test]
    [Category("Kernel")]
    public void This_kernel_has_all_that_an_overlay_needs() => Assert.That(KernelSupport.FindMissing(), Is.Empty);

    [Test]
    [Category("Kernel")]
    public void A_subnet_of_the_hosts_own_is_refused_and_nothing_is_left()
    {
        using var net = new TestNet();
        net.Switch("underlay", "eth0", ("host", "10.0.1.200/24"));
        OverlayNetworkOptions options = _good with { NamespacePath = Path.Combine(net.Folder, "demo"), HostNamespace = net["host"] };
        Assert.That(() => OverlayNetwork.Open(options), Throws.TypeOf<OverlayException>().With.Message.EqualTo(
            "The subnet 10.0.1.0/24 of network demo overlaps the address 10.0.1.200/24 of eth0 of this host, which its endpoints could not reach then: give the network another subnet."));
        Assert.That(File.Exists(options.NamespacePath), Is.False);
    }

    [Test]
    [Category("Kernel")]
    public void A_VNI_that_a_link_of_the_host_holds_is_refused_with_its_name_and_nothing_is_left()
    {
        using var net = new TestNet();
        net.Switch("underlay", "eth0", ("host", "10.99.0.1/24"));
        net.Exec("host", "ip link add foreign0 type vxlan id 4098 dstport 4789 local 10.99.0.1");
        OverlayNetworkOptions options = _good with
        {
            NamespacePath = Path.Combine(net.Folder, "demo"),
            HostNamespace = net["host"],
            MoreSubnets = [new OverlaySubnet(4098, IPv4Prefix.Parse("10.0.2.0/24"), IPAddress.Parse("10.0.2.1"))],
        };
        Assert.That(() => OverlayNetwork.Open(options), Throws.TypeOf<OverlayException>().With.Message.EqualTo(
            "The VNI 4098 of network demo is already in use on UDP port 4789 of this host by the link foreign0: remove that, or give the network another VNI."));
        Assert.That(File.Exists(options.NamespacePath), Is.False);
        OverlayNetwork.Open(options with { MoreSubnets = [] }).Delete(); // the first subnet's VNI was given back at once
        Assert.That(net.Exec("host", "ip -o link"), Does.Contain("foreign0"), "what is another's is left alone");
    }

    [Test]
    [Category("Kernel")]
    public void A_start_that_was_interrupted_anywhere_is_finished_by_the_next()
    {
        using var net = new TestNet();
        net.Switch("underlay", "eth0", ("host", "10.99.0.1/24"));
        OverlayNetworkOptions options = _good with { NamespacePath = Path.Combine(net.Folder, "demo"), HostNamespace = net["host"] };
        for (int steps = 0, rounds = 0; rounds < 2; steps++)
        {
            int done = 0;
            using (NetworkNamespace ns = NetworkNamespace.Create(options.NamespacePath))
            using (Rtnetlink links = Rtnetlink.Open(ns))
            {
                var kernel = new NetworkKernel(options, ns, links);
                var wanted = new WantedNetwork(options);
                List<NetworkChange> changes;
                while (done < steps && (changes = NetworkPlanner.Plan(wanted, kernel.Observe(wanted))).Count > 0)
                {
                    kernel.Apply(changes[..1]);
                    done++;
                }
            }

            rounds += done < steps ? 1 : 0; // two whole runs end it
            using OverlayNetwork network = OverlayNetwork.Open(options);
            Assert.That(network.Inspect(), Is.Empty, $"after {done} steps");
            network.Delete();
        }
    }
}
