namespace SwarmNet.Gossip;

/// <summary>A failed operation of this package; the message says what was wrong and what would be right.</summary>
public sealed class GossipException : Exception
{
    /// <summary>Creates it with a sentence.</summary>
    public GossipException(string message)
        : base(message)
    {
    }

    /// <summary>Creates it with a sentence and its cause.</summary>
    public GossipException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
