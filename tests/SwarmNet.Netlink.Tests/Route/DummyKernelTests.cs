using System.Text.Json;

namespace SwarmNet.Netlink.Route;

/// <summary>A kind of link that many hosts' kernels lack.</summary>
[GuestFixture]
public sealed class DummyKernelTests
{
    [Test]
    public void A_dummy_link_is_what_the_tool_lists()
    {
        using var host = new TestNamespace();
        using Rtnetlink rtnetlink = Rtnetlink.Open(host.Namespace);
        rtnetlink.Execute(new RtnetlinkBatch().AddLink(new DummySpec { Name = "d0", Mtu = 1400, Up = true }));

        JsonElement link = JsonDocument.Parse(host.Exec("ip", "-j -d link show dev d0")).RootElement.EnumerateArray().First();
        Assert.That(link.GetProperty("linkinfo").GetProperty("info_kind").GetString(), Is.EqualTo("dummy"));
        Assert.That(link.GetProperty("mtu").GetInt32(), Is.EqualTo(1400));
        Assert.That(rtnetlink.GetLink("d0").Kind, Is.EqualTo("dummy"));
    }
}
