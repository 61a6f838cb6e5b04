using SwarmNet.Dns;
using SwarmNet.Overlay.Networks;

namespace SwarmNet.Agent.Network;

/// <summary>One overlay network as it is on this node.</summary>
internal sealed class OverlayState(OverlayParameters parameters, byte[] message, OverlayNetwork overlay)
{
    /// <summary>What it is.</summary>
    public OverlayParameters Parameters { get; } = parameters;

    /// <summary>How the manager described it: a serialized <c>Network</c> message.</summary>
    public byte[] Message { get; } = message;

    /// <summary>What the kernel has of it.</summary>
    public OverlayNetwork Overlay { get; } = overlay;

    /// <summary>Who needs it: task ids, and <see cref="NodeUser"/>. The network goes with the last of them.</summary>
    public HashSet<string> Users { get; } = new(StringComparer.Ordinal);

    /// <summary>This node's endpoints in it, by id.</summary>
    public Dictionary<string, LocalEndpoint> Local { get; } = new(StringComparer.Ordinal);

    /// <summary>What all endpoints, of this node and the others, mean.</summary>
    public NetworkNames Names { get; set; } = NetworkNames.Of([]);

    /// <summary>The same as the resolver serves it.</summary>
    public ZoneNetwork Zone { get; set; } = new(parameters.Name);

    /// <summary>What was in force before the daemon was restarted; null once it no longer counts.</summary>
    public Remembrance? Remembered { get; set; }

    /// <summary>The node itself as a user: its interface in the ingress network.</summary>
    public const string NodeUser = "node";

    /// <summary>The restart as a user: keeps the network until those who had it before have had time to ask for it.</summary>
    public const string ResumeUser = "resume";
}
