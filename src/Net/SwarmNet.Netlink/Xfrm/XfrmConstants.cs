namespace SwarmNet.Netlink.Xfrm;

/// <summary>Numbers of linux/xfrm.h; a test compares them with the header.</summary>
internal static class XfrmConstants
{
    internal const ushort XFRM_MSG_NEWSA = 16;
    internal const ushort XFRM_MSG_DELSA = 17;
    internal const ushort XFRM_MSG_GETSA = 18;
    internal const ushort XFRM_MSG_NEWPOLICY = 19;
    internal const ushort XFRM_MSG_DELPOLICY = 20;
    internal const ushort XFRM_MSG_GETPOLICY = 21;
    internal const ushort XFRM_MSG_UPDPOLICY = 25;
    internal const ushort XFRM_MSG_UPDSA = 26;
    internal const ushort XFRM_MSG_FLUSHSA = 28;
    internal const ushort XFRM_MSG_FLUSHPOLICY = 29;

    internal const ushort XFRMA_TMPL = 5;
    internal const ushort XFRMA_SRCADDR = 13;
    internal const ushort XFRMA_ALG_AEAD = 18;
    internal const ushort XFRMA_MARK = 21;
    internal const ushort XFRMA_REPLAY_ESN_VAL = 23;

    internal const byte XFRM_STATE_ESN = 128;
    internal const int XFRMA_REPLAY_ESN_MAX = 4096;
}
