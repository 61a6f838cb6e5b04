namespace SwarmNet.Netlink.Ipvs;

/// <summary>Options of a service (<c>linux/ip_vs.h</c> IP_VS_SVC_F_*).</summary>
[Flags]
public enum IpvsServiceFlags : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Every datagram is scheduled by itself (UDP only; ipvsadm --ops).</summary>
    OnePacket = 0x0004,

    /// <summary>sh-fallback, mh-fallback: another destination when the one chosen has weight 0.</summary>
    HashFallback = 0x0008,

    /// <summary>sh-port, mh-port: the source port is part of the hash.</summary>
    HashPort = 0x0010,

    /// <summary>flag-3 of the scheduler; no scheduler of the kernel's uses it.</summary>
    Scheduler3 = 0x0020,
}
