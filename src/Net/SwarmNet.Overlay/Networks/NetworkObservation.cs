using SwarmNet.Netlink.Route;

namespace SwarmNet.Overlay.Networks;

/// <summary>What the kernel has of a network, dumped; plain values.</summary>
internal sealed record NetworkObservation
{
    /// <summary>Kernel settings by name; null = the kernel has none of that name.</summary>
    public IReadOnlyDictionary<string, string?> Sysctls { get; init; } = new Dictionary<string, string?>();

    /// <summary>Links by name.</summary>
    public IReadOnlyDictionary<string, LinkEntry> Links { get; init; } = new Dictionary<string, LinkEntry>();

    /// <summary>Addresses of the bridges.</summary>
    public IReadOnlyList<AddressEntry> Addresses { get; init; } = [];

    /// <summary>Forwarding tables by the tunnel device's index.</summary>
    public IReadOnlyDictionary<int, ForwardingState> Forwarding { get; init; } = new Dictionary<int, ForwardingState>();

    /// <summary>Static entries of the bridges for other ports than the tunnels: nobody but the kernel has reason to make any.</summary>
    public IReadOnlyList<FdbEntry> Strays { get; init; } = [];
}
