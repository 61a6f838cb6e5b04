using SwarmNet.Netlink.Xfrm;

namespace SwarmNet.Overlay.Encryption;

/// <summary>One step from a <see cref="TransformSet"/> to another: exactly one of state and policy is named.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="State">The state.</param>
/// <param name="Policy">The policy.</param>
internal readonly record struct TransformChange(TransformChangeKind Kind, XfrmStateSpec? State, XfrmPolicySpec? Policy);
