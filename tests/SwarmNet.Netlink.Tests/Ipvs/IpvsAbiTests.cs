using SwarmNet.Linux;

namespace SwarmNet.Netlink.Ipvs;

[TestFixture]
[Category("Kernel")]
public sealed class IpvsAbiTests
{
    [Test]
    public void Numbers_agree_with_the_header()
    {
        var abi = new CHeaderAssertions("linux/ip_vs.h");
        abi.Constants(typeof(IpvsConstants), static name => name != nameof(IpvsConstants.IPVS_GENL_NAME));
        abi.Equal("IP_VS_SVC_F_ONEPACKET", (long)IpvsServiceFlags.OnePacket);
        abi.Equal("IP_VS_SVC_F_SCHED_SH_FALLBACK", (long)IpvsServiceFlags.HashFallback);
        abi.Equal("IP_VS_SVC_F_SCHED_SH_PORT", (long)IpvsServiceFlags.HashPort);
        abi.Equal("IP_VS_SVC_F_SCHED3", (long)IpvsServiceFlags.Scheduler3);
        abi.Equal("IP_VS_CONN_F_MASQ", (long)IpvsForwarding.Masquerade);
        abi.Equal("IP_VS_CONN_F_LOCALNODE", (long)IpvsForwarding.LocalNode);
        abi.Equal("IP_VS_CONN_F_TUNNEL", (long)IpvsForwarding.Tunnel);
        abi.Equal("IP_VS_CONN_F_DROUTE", (long)IpvsForwarding.DirectRoute);
        abi.Equal("IP_VS_CONN_F_BYPASS", (long)IpvsForwarding.Bypass);
        abi.Equal("IP_VS_CONN_F_TUNNEL_TYPE_GUE", (long)IpvsTunnelType.Gue);
        abi.Equal("IP_VS_CONN_F_TUNNEL_TYPE_GRE", (long)IpvsTunnelType.Gre);
        Assert.That(abi.Count, Is.GreaterThan(70), "reflection must have found the numbers");
        abi.Verify();
    }
}
