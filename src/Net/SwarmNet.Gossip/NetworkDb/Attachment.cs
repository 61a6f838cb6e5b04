namespace SwarmNet.Gossip.NetworkDb;

/// <summary>A node's membership of a network.</summary>
internal sealed class Attachment
{
    public ulong LTime { get; set; }

    public bool Leaving { get; set; }

    /// <summary>When a leaving one is forgotten.</summary>
    public TimeSpan ReapAt { get; set; }
}
