using SwarmNet.Linux;
using static SwarmNet.Netlink.Xfrm.XfrmConstants;

namespace SwarmNet.Netlink.Xfrm;

/// <summary>
/// Changes of states and policies, sent together by <see cref="XfrmSocket.Execute"/>. They are not a transaction: each takes effect on
/// its own, in order. Reusable after <see cref="NetlinkBatch.Clear"/>, not thread-safe.
/// </summary>
public sealed class XfrmBatch : NetlinkBatch
{
    /// <summary>Creates an empty batch with room for <paramref name="capacityBytes"/> before the first growth.</summary>
    public XfrmBatch(int capacityBytes = 4096)
        : base(capacityBytes, XfrmSchema.Of)
    {
    }

    /// <summary>Adds a state. EEXIST when there is one with the same destination, SPI and protocol; ENOSYS or ENOENT when the kernel lacks the cipher.</summary>
    public XfrmBatch AddState(XfrmStateSpec state, bool ignoreExisting = false)
    {
        Begin(XFRM_MSG_NEWSA, NetlinkFlags.Create | NetlinkFlags.Exclusive, "add state", null, ignoreExisting ? Errno.EEXIST : Errno.None);
        XfrmCodec.WriteStateInfo(this, state);
        EndMessage();
        return this;
    }

    /// <summary>Removes a state.</summary>
    public XfrmBatch DeleteState(in XfrmStateId id, bool ignoreMissing = false)
    {
        Begin(XFRM_MSG_DELSA, NetlinkFlags.None, "delete state", null, ignoreMissing ? Errno.ESRCH : Errno.None);
        XfrmCodec.WriteStateId(this, id);
        EndMessage();
        return this;
    }

    /// <summary>Removes all states of a protocol (0 = of all protocols). No error when there is none.</summary>
    public XfrmBatch FlushStates(byte protocol = 0)
    {
        Begin(XFRM_MSG_FLUSHSA, NetlinkFlags.None, "flush states", null, Errno.ESRCH);
        Reserve(1)[0] = protocol;
        EndMessage();
        return this;
    }

    /// <summary>Adds a policy. EEXIST when there is one with the same selector, direction and mark.</summary>
    public XfrmBatch AddPolicy(XfrmPolicySpec policy, bool ignoreExisting = false)
    {
        Begin(XFRM_MSG_NEWPOLICY, NetlinkFlags.Create | NetlinkFlags.Exclusive, "add policy", null, ignoreExisting ? Errno.EEXIST : Errno.None);
        XfrmCodec.WritePolicyInfo(this, policy);
        EndMessage();
        return this;
    }

    /// <summary>Adds a policy, or replaces the one with the same selector, direction and mark without a moment between them.</summary>
    public XfrmBatch ReplacePolicy(XfrmPolicySpec policy)
    {
        Begin(XFRM_MSG_UPDPOLICY, NetlinkFlags.None, "replace policy");
        XfrmCodec.WritePolicyInfo(this, policy);
        EndMessage();
        return this;
    }

    /// <summary>Removes the policy with the selector, direction and mark of <paramref name="policy"/>.</summary>
    public XfrmBatch DeletePolicy(XfrmPolicySpec policy, bool ignoreMissing = false)
    {
        Begin(XFRM_MSG_DELPOLICY, NetlinkFlags.None, "delete policy", null, ignoreMissing ? Errno.ENOENT : Errno.None);
        XfrmCodec.WritePolicyId(this, policy.Direction, policy.Selector, policy.Mark);
        EndMessage();
        return this;
    }

    /// <summary>Removes all policies. No error when there is none.</summary>
    public XfrmBatch FlushPolicies()
    {
        Begin(XFRM_MSG_FLUSHPOLICY, NetlinkFlags.None, "flush policies", null, Errno.ESRCH);
        EndMessage();
        return this;
    }
}
