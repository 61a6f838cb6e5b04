namespace SwarmNet.Raft;

/// <summary>A failed operation of this package; the message says what was wrong and what would be right.</summary>
public class RaftException : Exception
{
    /// <summary>Creates it with a sentence.</summary>
    public RaftException(string message)
        : base(message)
    {
    }

    /// <summary>Creates it with a sentence and its cause.</summary>
    public RaftException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
