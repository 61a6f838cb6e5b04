namespace SwarmNet.Netlink.Ipvs;

/// <summary>How packets reach a destination (<c>linux/ip_vs.h</c> IP_VS_CONN_F_*).</summary>
public enum IpvsForwarding
{
    /// <summary>Masquerading: addresses are translated there and back (ipvsadm -m).</summary>
    Masquerade = 0,

    /// <summary>The destination is this host; for destinations that kernels make themselves.</summary>
    LocalNode = 1,

    /// <summary>Tunnelled unchanged; the answer does not come back this way (ipvsadm -i).</summary>
    Tunnel = 2,

    /// <summary>Direct routing: only the link-layer address changes (ipvsadm -g).</summary>
    DirectRoute = 3,

    /// <summary>Straight to the packet's own address; for caches.</summary>
    Bypass = 4,
}
