using SwarmNet.Netlink.Xfrm;
using SwarmNet.Overlay.Repairs;

namespace SwarmNet.Overlay.Encryption;

/// <summary>Reads a <see cref="TransformSet"/> from the kernel, and sends changes to it.</summary>
internal static class TransformKernel
{
    /// <summary>
    /// A sender stops at 2^32 packets, since a sequence number must not come twice (RFC 4303 §2.2). Well before that its state is made anew,
    /// which starts the count, and with a new random start also the nonces, afresh.
    /// </summary>
    private const ulong WornPackets = 3ul << 30;

    /// <summary>All that is ours.</summary>
    public static TransformSet Load(XfrmSocket socket)
    {
        var set = new TransformSet();
        foreach (XfrmStateEntry entry in socket.GetStates())
        {
            Add(set, entry);
        }

        foreach (XfrmPolicySpec policy in socket.GetPolicies())
        {
            if (policy.Mark == TransformSet.Mark && policy.Direction == XfrmDirection.Out)
            {
                set.Policies[policy.Selector] = policy;
            }
        }

        return set;
    }

    /// <summary>Takes a listed state in, when it is ours.</summary>
    public static void Add(TransformSet set, XfrmStateEntry entry)
    {
        if (entry.Spec.RequestId != TransformSet.Id)
        {
            return;
        }

        set.States[entry.Spec.Id] = entry.Spec;
        if (entry.Packets > WornPackets)
        {
            set.Worn.Add(entry.Spec.Id);
        }
    }

    /// <summary>Encodes changes, in order.</summary>
    public static XfrmBatch Encode(IEnumerable<TransformChange> changes)
    {
        var batch = new XfrmBatch();
        foreach (TransformChange change in changes)
        {
            _ = change.Kind switch
            {
                TransformChangeKind.AddState => batch.AddState(change.State!),
                TransformChangeKind.RenewState => batch.DeleteState(change.State!.Id, ignoreMissing: true).AddState(change.State),
                TransformChangeKind.SetPolicy => batch.ReplacePolicy(change.Policy!),
                TransformChangeKind.DeletePolicy => batch.DeletePolicy(change.Policy!, ignoreMissing: true),
                _ => batch.DeleteState(change.State!.Id, ignoreMissing: true),
            };
        }

        return batch;
    }

    /// <summary>A change to what was found, as a repair.</summary>
    public static Repair Describe(TransformChange change, TransformSet found) => change.Kind switch
    {
        TransformChangeKind.AddState => new Repair(Name(change.State!), "was missing"),
        TransformChangeKind.RenewState => new Repair(
            Name(change.State!), found.Worn.Contains(change.State!.Id) ? "was close to its last sequence number" : "was altered"),
        TransformChangeKind.SetPolicy => new Repair(
            Name(change.Policy!), found.Policies.ContainsKey(change.Policy!.Selector) ? "was altered" : "was missing"),
        TransformChangeKind.DeletePolicy => new Repair(Name(change.Policy!), "was not wanted"),
        _ => new Repair(Name(change.State!), "was not wanted"),
    };

    private static string Name(XfrmStateSpec state) => $"IPsec state 0x{state.Spi:x8} from {state.Source} to {state.Destination}";

    private static string Name(XfrmPolicySpec policy) => $"IPsec policy to {policy.Selector.Destination.BaseAddress}";
}
