namespace SwarmNet.Raft;

/// <summary>A change of the membership, or a transfer, that makes no sense as things are; the message says why. Nothing was changed.</summary>
public sealed class RaftMembershipException : RaftException
{
    /// <summary>Creates it with the reason.</summary>
    public RaftMembershipException(string message)
        : base(message)
    {
    }
}
