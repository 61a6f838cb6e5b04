using System.Net;

namespace SwarmNet.Gossip.NetworkDb;

/// <summary>Another node.</summary>
internal sealed class DbNode(string name, IPEndPoint endPoint)
{
    public string Name => name;

    public IPEndPoint EndPoint { get; set; } = endPoint;

    /// <summary>Network clock of its last node event.</summary>
    public ulong LTime { get; set; }

    public DbNodeState State { get; set; } = DbNodeState.Active;

    public TimeSpan StateChange { get; set; }

    /// <summary>Networks it is or was attached to.</summary>
    public Dictionary<string, Attachment> Networks { get; } = [];

    public bool IsAttachedTo(string network) => Networks.TryGetValue(network, out Attachment? attachment) && !attachment.Leaving;
}
