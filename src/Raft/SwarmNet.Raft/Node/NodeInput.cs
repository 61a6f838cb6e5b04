namespace SwarmNet.Raft;

/// <summary>What the owner thread takes.</summary>
/// <param name="Kind">Says which of the others count.</param>
/// <param name="Message">From another node.</param>
/// <param name="Command">Of a proposal; or a data key.</param>
/// <param name="Completion">Who waits: a TaskCompletionSource of the result's type.</param>
/// <param name="Changes">Of a change of the membership.</param>
/// <param name="NodeId">Of a transfer: the next leader. Of a hint: the peer.</param>
/// <param name="Index">Of a snapshot: the entry that it has at least.</param>
/// <param name="Term">Of a proposal: the only term in which it may be appended; 0 = any.</param>
internal readonly record struct NodeInput(
    NodeInputKind Kind,
    RaftMessage Message = default,
    ReadOnlyMemory<byte> Command = default,
    object? Completion = null,
    MembershipChange[]? Changes = null,
    ulong NodeId = 0,
    ulong Index = 0,
    ulong Term = 0);
