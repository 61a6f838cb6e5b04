using SwarmNet.Linux;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Netlink;

/// <summary>Numbers and layouts of netlink and rtnetlink against the kernel headers of this machine.</summary>
[TestFixture]
[Category("Kernel")]
public sealed class NetlinkAbiTests
{
    [Test]
    public void Numbers_agree_with_the_headers()
    {
        var abi = new CHeaderAssertions(
            "sys/socket.h", "linux/netlink.h", "linux/rtnetlink.h", "linux/if.h", "linux/if_link.h", "linux/if_addr.h", "linux/neighbour.h",
            "linux/fib_rules.h", "linux/veth.h", "linux/net_namespace.h");
        abi.Constants(typeof(NetlinkConstants), static name => name.Contains('_', StringComparison.Ordinal) && name != "NLA_TYPE_MASK");
        abi.Equal("(unsigned short)NLA_TYPE_MASK", NetlinkConstants.NLA_TYPE_MASK); // an int in C, with the high bits set
        abi.Constants(typeof(RouteConstants), static name => name != nameof(RouteConstants.RtGenMsgLength));
        abi.Equal("NLMSG_ALIGN(sizeof(struct rtgenmsg))", RouteConstants.RtGenMsgLength);
        abi.Equal("sizeof(struct nlmsghdr)", NetlinkConstants.HeaderLength);
        abi.Equal("sizeof(struct nlattr)", NetlinkConstants.AttributeHeaderLength);
        abi.Struct(typeof(ifinfomsg), "struct ifinfomsg", true);
        abi.Struct(typeof(ifaddrmsg), "struct ifaddrmsg");
        abi.Struct(typeof(rtmsg), "struct rtmsg");
        abi.Struct(typeof(ndmsg), "struct ndmsg");
        abi.Struct(typeof(fib_rule_hdr), "struct fib_rule_hdr");
        foreach ((string name, NetlinkFlags flag) in new[]
        {
            ("NLM_F_REQUEST", NetlinkFlags.Request), ("NLM_F_MULTI", NetlinkFlags.Multi), ("NLM_F_ACK", NetlinkFlags.Ack),
            ("NLM_F_ECHO", NetlinkFlags.Echo), ("NLM_F_DUMP_INTR", NetlinkFlags.DumpInterrupted), ("NLM_F_REPLACE", NetlinkFlags.Replace),
            ("NLM_F_EXCL", NetlinkFlags.Exclusive), ("NLM_F_CREATE", NetlinkFlags.Create), ("NLM_F_APPEND", NetlinkFlags.Append),
            ("NLM_F_DUMP", NetlinkFlags.Dump),
        })
        {
            abi.Equal(name, (long)flag);
        }

        foreach ((string name, NeighbourState state) in new[]
        {
            ("NUD_INCOMPLETE", NeighbourState.Incomplete), ("NUD_REACHABLE", NeighbourState.Reachable), ("NUD_STALE", NeighbourState.Stale),
            ("NUD_DELAY", NeighbourState.Delay), ("NUD_PROBE", NeighbourState.Probe), ("NUD_FAILED", NeighbourState.Failed),
            ("NUD_NOARP", NeighbourState.NoArp), ("NUD_PERMANENT", NeighbourState.Permanent),
        })
        {
            abi.Equal(name, (long)state);
        }

        foreach ((string name, NeighbourFlags flag) in new[]
        {
            ("NTF_USE", NeighbourFlags.Use), ("NTF_SELF", NeighbourFlags.Self), ("NTF_MASTER", NeighbourFlags.Master),
            ("NTF_PROXY", NeighbourFlags.Proxy), ("NTF_EXT_LEARNED", NeighbourFlags.ExternallyLearned), ("NTF_STICKY", NeighbourFlags.Sticky),
            ("NTF_ROUTER", NeighbourFlags.Router),
        })
        {
            abi.Equal(name, (long)flag);
        }

        foreach ((string name, MacvlanMode mode) in new[]
        {
            ("MACVLAN_MODE_PRIVATE", MacvlanMode.Private), ("MACVLAN_MODE_VEPA", MacvlanMode.Vepa), ("MACVLAN_MODE_BRIDGE", MacvlanMode.Bridge),
            ("MACVLAN_MODE_PASSTHRU", MacvlanMode.Passthru), ("MACVLAN_MODE_SOURCE", MacvlanMode.Source),
        })
        {
            abi.Equal(name, (long)mode);
        }

        abi.Equal("VXLAN_DF_UNSET", (long)VxlanDf.Unset);
        abi.Equal("VXLAN_DF_SET", (long)VxlanDf.Set);
        abi.Equal("VXLAN_DF_INHERIT", (long)VxlanDf.Inherit);
        Assert.That(abi.Count, Is.GreaterThan(170), "reflection must have found the numbers");
        abi.Verify();
    }
}
