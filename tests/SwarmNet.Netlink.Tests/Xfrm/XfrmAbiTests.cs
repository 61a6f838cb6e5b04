using SwarmNet.Linux;

namespace SwarmNet.Netlink.Xfrm;

[TestFixture]
[Category("Kernel")]
public sealed class XfrmAbiTests
{
    [Test]
    public void Numbers_and_layouts_agree_with_the_header()
    {
        var abi = new CHeaderAssertions("sys/socket.h", "linux/xfrm.h");
        abi.Constants(typeof(XfrmConstants), static _ => true);
        abi.Equal("sizeof(xfrm_address_t)", System.Runtime.InteropServices.Marshal.SizeOf<xfrm_address_t>());
        foreach (Type type in new[]
        {
            typeof(xfrm_id), typeof(xfrm_selector), typeof(xfrm_lifetime_cfg), typeof(xfrm_lifetime_cur), typeof(xfrm_stats), typeof(xfrm_usersa_info),
            typeof(xfrm_usersa_id), typeof(xfrm_userpolicy_info), typeof(xfrm_userpolicy_id), typeof(xfrm_user_tmpl), typeof(xfrm_mark), typeof(xfrm_replay_state_esn),
        })
        {
            abi.Struct(type, $"struct {type.Name}");
        }

        abi.Equal("XFRM_MODE_TRANSPORT", (long)XfrmMode.Transport);
        abi.Equal("XFRM_MODE_TUNNEL", (long)XfrmMode.Tunnel);
        abi.Equal("XFRM_POLICY_IN", (long)XfrmDirection.In);
        abi.Equal("XFRM_POLICY_OUT", (long)XfrmDirection.Out);
        abi.Equal("XFRM_POLICY_FWD", (long)XfrmDirection.Forward);
        Assert.That(abi.Count, Is.GreaterThan(80), "reflection must have found the numbers");
        abi.Verify();
    }
}
