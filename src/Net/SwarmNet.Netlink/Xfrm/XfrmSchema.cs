using static SwarmNet.Netlink.Xfrm.XfrmConstants;

namespace SwarmNet.Netlink.Xfrm;

/// <summary>The attributes of IPsec requests, for error messages.</summary>
internal static class XfrmSchema
{
    private static readonly NetlinkAttributeSet _state = Attributes(headerBytes: 224); // sizeof(struct xfrm_usersa_info)
    private static readonly NetlinkAttributeSet _stateId = Attributes(headerBytes: 24); // sizeof(struct xfrm_usersa_id)
    private static readonly NetlinkAttributeSet _policy = Attributes(headerBytes: 168); // sizeof(struct xfrm_userpolicy_info)
    private static readonly NetlinkAttributeSet _policyId = Attributes(headerBytes: 64); // sizeof(struct xfrm_userpolicy_id)

    internal static NetlinkAttributeSet? Of(ushort messageType) => messageType switch
    {
        XFRM_MSG_NEWSA or XFRM_MSG_UPDSA => _state,
        XFRM_MSG_DELSA or XFRM_MSG_GETSA => _stateId,
        XFRM_MSG_NEWPOLICY or XFRM_MSG_UPDPOLICY => _policy,
        XFRM_MSG_DELPOLICY or XFRM_MSG_GETPOLICY => _policyId,
        _ => null,
    };

    private static NetlinkAttributeSet Attributes(int headerBytes) => new NetlinkAttributeSet(headerBytes)
        .Add(XFRMA_TMPL, nameof(XFRMA_TMPL))
        .Add(XFRMA_SRCADDR, nameof(XFRMA_SRCADDR))
        .Add(XFRMA_ALG_AEAD, nameof(XFRMA_ALG_AEAD))
        .Add(XFRMA_MARK, nameof(XFRMA_MARK))
        .Add(XFRMA_REPLAY_ESN_VAL, nameof(XFRMA_REPLAY_ESN_VAL));
}
