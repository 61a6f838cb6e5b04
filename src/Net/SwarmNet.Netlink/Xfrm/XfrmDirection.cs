namespace SwarmNet.Netlink.Xfrm;

/// <summary>Which packets a policy sees (<c>linux/xfrm.h</c> XFRM_POLICY_IN, OUT, FWD).</summary>
public enum XfrmDirection : byte
{
    /// <summary>Packets to this host.</summary>
    In = 0,

    /// <summary>Packets that leave this host.</summary>
    Out = 1,

    /// <summary>Packets that pass through this host.</summary>
    Forward = 2,
}
