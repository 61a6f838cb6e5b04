using System.Runtime.InteropServices;

namespace SwarmNet.Linux;

#pragma warning disable CS1591, CA2101 // names and meaning are those of the header

// linux/netlink.h
public static unsafe partial class Libc
{
    public const int NETLINK_ROUTE = 0;
    public const int NETLINK_XFRM = 6;
    public const int NETLINK_NETFILTER = 12;
    public const int NETLINK_GENERIC = 16;
    public const int SOL_NETLINK = 270;
    public const int NETLINK_ADD_MEMBERSHIP = 1;
    public const int NETLINK_DROP_MEMBERSHIP = 2;
    public const int NETLINK_CAP_ACK = 10;
    public const int NETLINK_EXT_ACK = 11;
    public const int NETLINK_GET_STRICT_CHK = 12;

    [StructLayout(LayoutKind.Sequential)]
    public struct sockaddr_nl
    {
        public ushort nl_family;
        public ushort nl_pad;
        public uint nl_pid;
        public uint nl_groups;
    }
}
