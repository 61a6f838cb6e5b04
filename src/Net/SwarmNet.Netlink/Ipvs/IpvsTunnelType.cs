namespace SwarmNet.Netlink.Ipvs;

/// <summary>The wrapping of <see cref="IpvsForwarding.Tunnel"/>.</summary>
public enum IpvsTunnelType : byte
{
    /// <summary>IP in IP.</summary>
    IpIp = 0,

    /// <summary>Generic UDP encapsulation, on a port. Linux 5.3.</summary>
    Gue = 1,

    /// <summary>Generic routing encapsulation. Linux 5.3.</summary>
    Gre = 2,
}
