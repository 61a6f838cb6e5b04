namespace SwarmNet.Netlink.Generic;

/// <summary>Numbers of linux/genetlink.h; a test compares them with the header.</summary>
internal static class GenericConstants
{
    internal const ushort GENL_ID_CTRL = 16;

    internal const byte CTRL_CMD_NEWFAMILY = 1;
    internal const byte CTRL_CMD_GETFAMILY = 3;

    internal const ushort CTRL_ATTR_FAMILY_ID = 1;
    internal const ushort CTRL_ATTR_FAMILY_NAME = 2;
    internal const ushort CTRL_ATTR_VERSION = 3;
    internal const ushort CTRL_ATTR_HDRSIZE = 4;
    internal const ushort CTRL_ATTR_MAXATTR = 5;
    internal const ushort CTRL_ATTR_MCAST_GROUPS = 7;
    internal const ushort CTRL_ATTR_MCAST_GRP_NAME = 1;
    internal const ushort CTRL_ATTR_MCAST_GRP_ID = 2;
}
