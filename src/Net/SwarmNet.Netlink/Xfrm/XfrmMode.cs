namespace SwarmNet.Netlink.Xfrm;

/// <summary>How packets are wrapped (<c>linux/xfrm.h</c> XFRM_MODE_*).</summary>
public enum XfrmMode : byte
{
    /// <summary>The packet keeps its addresses; only its payload is protected.</summary>
    Transport = 0,

    /// <summary>The whole packet travels inside another one between the two ends.</summary>
    Tunnel = 1,
}
