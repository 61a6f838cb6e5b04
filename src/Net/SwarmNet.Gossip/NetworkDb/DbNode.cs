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

    /// <summary>Whether it takes up what an earlier process at its address had, and has not finished.</summary>
    public bool IsResuming { get; set; }

    /// <summary>Name of the node that takes its place, while <see cref="State"/> says so.</summary>
    public string Successor { get; set; } = "";

    /// <summary>Whether it has sent its tables since it was seen first.</summary>
    public bool HasSynced { get; set; }

    /// <summary>Networks it is or was attached to.</summary>
    public Dictionary<string, Attachment> Networks { get; } = [];

    public bool IsAttachedTo(string network) => Networks.TryGetValue(network, out Attachment? attachment) && !attachment.Leaving;
}
