namespace SwarmNet.Raft;

/// <summary>The leader takes no proposal at the moment: nothing was appended; propose again shortly.</summary>
public sealed class RaftBusyException : RaftException
{
    /// <summary>Creates it with the reason.</summary>
    public RaftBusyException(string message)
        : base(message)
    {
    }
}
