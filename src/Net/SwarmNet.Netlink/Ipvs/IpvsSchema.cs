using static SwarmNet.Netlink.Ipvs.IpvsConstants;

namespace SwarmNet.Netlink.Ipvs;

/// <summary>The attributes of IPVS requests, for error messages.</summary>
internal static class IpvsSchema
{
    private static readonly NetlinkAttributeSet _requests = new NetlinkAttributeSet(headerBytes: 4) // sizeof(struct genlmsghdr)
        .Add(IPVS_CMD_ATTR_SERVICE, nameof(IPVS_CMD_ATTR_SERVICE), new NetlinkAttributeSet()
            .Add(IPVS_SVC_ATTR_AF, nameof(IPVS_SVC_ATTR_AF))
            .Add(IPVS_SVC_ATTR_PROTOCOL, nameof(IPVS_SVC_ATTR_PROTOCOL))
            .Add(IPVS_SVC_ATTR_ADDR, nameof(IPVS_SVC_ATTR_ADDR))
            .Add(IPVS_SVC_ATTR_PORT, nameof(IPVS_SVC_ATTR_PORT))
            .Add(IPVS_SVC_ATTR_FWMARK, nameof(IPVS_SVC_ATTR_FWMARK))
            .Add(IPVS_SVC_ATTR_SCHED_NAME, nameof(IPVS_SVC_ATTR_SCHED_NAME))
            .Add(IPVS_SVC_ATTR_FLAGS, nameof(IPVS_SVC_ATTR_FLAGS))
            .Add(IPVS_SVC_ATTR_TIMEOUT, nameof(IPVS_SVC_ATTR_TIMEOUT))
            .Add(IPVS_SVC_ATTR_NETMASK, nameof(IPVS_SVC_ATTR_NETMASK))
            .Add(IPVS_SVC_ATTR_PE_NAME, nameof(IPVS_SVC_ATTR_PE_NAME)))
        .Add(IPVS_CMD_ATTR_DEST, nameof(IPVS_CMD_ATTR_DEST), new NetlinkAttributeSet()
            .Add(IPVS_DEST_ATTR_ADDR, nameof(IPVS_DEST_ATTR_ADDR))
            .Add(IPVS_DEST_ATTR_PORT, nameof(IPVS_DEST_ATTR_PORT))
            .Add(IPVS_DEST_ATTR_FWD_METHOD, nameof(IPVS_DEST_ATTR_FWD_METHOD))
            .Add(IPVS_DEST_ATTR_WEIGHT, nameof(IPVS_DEST_ATTR_WEIGHT))
            .Add(IPVS_DEST_ATTR_U_THRESH, nameof(IPVS_DEST_ATTR_U_THRESH))
            .Add(IPVS_DEST_ATTR_L_THRESH, nameof(IPVS_DEST_ATTR_L_THRESH))
            .Add(IPVS_DEST_ATTR_ADDR_FAMILY, nameof(IPVS_DEST_ATTR_ADDR_FAMILY))
            .Add(IPVS_DEST_ATTR_TUN_TYPE, nameof(IPVS_DEST_ATTR_TUN_TYPE))
            .Add(IPVS_DEST_ATTR_TUN_PORT, nameof(IPVS_DEST_ATTR_TUN_PORT))
            .Add(IPVS_DEST_ATTR_TUN_FLAGS, nameof(IPVS_DEST_ATTR_TUN_FLAGS)))
        .Add(IPVS_CMD_ATTR_TIMEOUT_TCP, nameof(IPVS_CMD_ATTR_TIMEOUT_TCP))
        .Add(IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, nameof(IPVS_CMD_ATTR_TIMEOUT_TCP_FIN))
        .Add(IPVS_CMD_ATTR_TIMEOUT_UDP, nameof(IPVS_CMD_ATTR_TIMEOUT_UDP));

    internal static NetlinkAttributeSet? Of(ushort messageType) => _requests;
}
