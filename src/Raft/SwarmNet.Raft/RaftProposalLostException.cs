namespace SwarmNet.Raft;

/// <summary>
/// Leadership, or the node, ended while a proposal was on its way: whether it is or will be committed is unknown. Read the state before retrying.
/// </summary>
public sealed class RaftProposalLostException : RaftException
{
    /// <summary>Creates it with the reason.</summary>
    public RaftProposalLostException(string message)
        : base(message)
    {
    }

    /// <summary>Creates it with the reason and its cause.</summary>
    public RaftProposalLostException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
