using SwarmNet.Netlink.Xfrm;

namespace SwarmNet.Overlay.Encryption;

/// <summary>Computes what turns one <see cref="TransformSet"/> into another. Pure.</summary>
internal static class TransformDiff
{
    /// <summary>
    /// The changes in the order in which no packet is lost: a state is there before a policy names it, and goes after none does any more.
    /// </summary>
    /// <param name="current">What there is.</param>
    /// <param name="wanted">What there shall be.</param>
    /// <param name="mayDelete">Whether a state that is not wanted goes.</param>
    /// <param name="mayDeletePolicy">Whether a policy that is not wanted goes.</param>
    public static List<TransformChange> Compute(
        TransformSet current, TransformSet wanted, Func<XfrmStateSpec, bool> mayDelete, Func<XfrmPolicySpec, bool> mayDeletePolicy)
    {
        var changes = new List<TransformChange>();
        foreach ((XfrmStateId id, XfrmStateSpec state) in wanted.States)
        {
            if (!current.States.TryGetValue(id, out XfrmStateSpec? present))
            {
                changes.Add(new TransformChange(TransformChangeKind.AddState, state, null));
            }
            else if (!IsSame(present, state) || current.Worn.Contains(id))
            {
                changes.Add(new TransformChange(TransformChangeKind.RenewState, state, null));
            }
        }

        foreach ((XfrmSelector selector, XfrmPolicySpec policy) in wanted.Policies)
        {
            if (!current.Policies.TryGetValue(selector, out XfrmPolicySpec? present) || !present.Equals(policy))
            {
                changes.Add(new TransformChange(TransformChangeKind.SetPolicy, null, policy));
            }
        }

        foreach ((XfrmSelector selector, XfrmPolicySpec policy) in current.Policies)
        {
            if (!wanted.Policies.ContainsKey(selector) && mayDeletePolicy(policy))
            {
                changes.Add(new TransformChange(TransformChangeKind.DeletePolicy, null, policy));
            }
        }

        foreach ((XfrmStateId id, XfrmStateSpec state) in current.States)
        {
            bool isSpare = wanted.Spare.TryGetValue(id, out XfrmStateSpec? spare) && IsSame(state, spare);
            if (!wanted.States.ContainsKey(id) && !isSpare && mayDelete(state))
            {
                changes.Add(new TransformChange(TransformChangeKind.DeleteState, state, null));
            }
        }

        return changes;
    }

    /// <summary>The set with the changes made.</summary>
    public static void Apply(TransformSet set, IEnumerable<TransformChange> changes)
    {
        foreach (TransformChange change in changes)
        {
            switch (change.Kind)
            {
                case TransformChangeKind.AddState:
                case TransformChangeKind.RenewState:
                    set.States[change.State!.Id] = change.State;
                    set.Worn.Remove(change.State.Id);
                    break;
                case TransformChangeKind.SetPolicy:
                    set.Policies[change.Policy!.Selector] = change.Policy;
                    break;
                case TransformChangeKind.DeletePolicy:
                    set.Policies.Remove(change.Policy!.Selector);
                    break;
                case TransformChangeKind.DeleteState:
                    set.States.Remove(change.State!.Id);
                    set.Worn.Remove(change.State.Id);
                    break;
            }
        }
    }

    /// <summary>Whether a state is as wanted. A kernel in lockdown shows keys as zeros, which proves nothing and counts as the same.</summary>
    private static bool IsSame(XfrmStateSpec present, XfrmStateSpec wanted) =>
        present.Equals(wanted)
        || (present.Aead.Key.Length == wanted.Aead.Key.Length && !present.Aead.Key.Span.ContainsAnyExcept((byte)0)
            && (present with { Aead = wanted.Aead }).Equals(wanted) && present.Aead.Algorithm == wanted.Aead.Algorithm && present.Aead.IcvBits == wanted.Aead.IcvBits);
}
