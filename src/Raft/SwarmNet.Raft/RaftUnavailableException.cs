namespace SwarmNet.Raft;

/// <summary>No majority, or no leader, answered in time: nothing was read or changed; try again.</summary>
public sealed class RaftUnavailableException : RaftException
{
    /// <summary>Creates it with the reason.</summary>
    public RaftUnavailableException(string message)
        : base(message)
    {
    }
}
