namespace SwarmNet.Netlink.Route;

/// <summary>The don't-fragment bit of tunnel packets over IPv4 (<c>linux/if_link.h</c> enum ifla_vxlan_df).</summary>
public enum VxlanDf : byte
{
    /// <summary>Not set: tunnel packets that are too large are fragmented.</summary>
    Unset = 0,

    /// <summary>Set: tunnel packets that are too large are dropped, and the sender learns the path MTU.</summary>
    Set = 1,

    /// <summary>As in the packet inside.</summary>
    Inherit = 2,
}
