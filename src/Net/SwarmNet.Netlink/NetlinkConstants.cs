namespace SwarmNet.Netlink;

/// <summary>Numbers of <c>linux/netlink.h</c> that all families share.</summary>
internal static class NetlinkConstants
{
    /// <summary>sizeof(struct nlmsghdr).</summary>
    internal const int HeaderLength = 16;

    /// <summary>sizeof(struct nlattr).</summary>
    internal const int AttributeHeaderLength = 4;

    internal const ushort NLMSG_NOOP = 1;
    internal const ushort NLMSG_ERROR = 2;
    internal const ushort NLMSG_DONE = 3;
    internal const ushort NLMSG_OVERRUN = 4;

    internal const ushort NLA_F_NESTED = 0x8000;
    internal const ushort NLA_F_NET_BYTEORDER = 0x4000;
    internal const ushort NLA_TYPE_MASK = 0x3fff;

    // Flags of an error message; the values double those of new-requests.
    internal const NetlinkFlags NLM_F_CAPPED = (NetlinkFlags)0x100;
    internal const NetlinkFlags NLM_F_ACK_TLVS = (NetlinkFlags)0x200;

    internal const ushort NLMSGERR_ATTR_MSG = 1;
    internal const ushort NLMSGERR_ATTR_OFFS = 2;
    internal const ushort NLMSGERR_ATTR_MISS_TYPE = 5;
    internal const ushort NLMSGERR_ATTR_MISS_NEST = 6;

    /// <summary>NLMSG_ALIGN and NLA_ALIGN: up to the next multiple of 4.</summary>
    internal static int Align(int length) => (length + 3) & ~3;
}
