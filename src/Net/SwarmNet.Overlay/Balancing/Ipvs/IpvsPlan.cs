using SwarmNet.Netlink.Ipvs;

namespace SwarmNet.Overlay.Balancing.Ipvs;

/// <summary>What must change, in the order in which it is applied: while it is, no flow is refused that could be served.</summary>
internal sealed class IpvsPlan
{
    public List<IpvsService> NewServices { get; } = [];

    public List<IpvsService> ChangedServices { get; } = [];

    public List<(uint Mark, uint Backend, int Weight)> NewBackends { get; } = [];

    public List<(uint Mark, uint Backend, int Weight)> ChangedBackends { get; } = [];

    public List<(uint Mark, uint Backend)> GoneBackends { get; } = [];

    /// <summary>Packets to these addresses get a mark from now on.</summary>
    public List<(uint Vip, uint Mark)> NewMarks { get; } = [];

    public List<(uint Vip, uint Mark)> GoneMarks { get; } = [];

    /// <summary>With their backends.</summary>
    public List<uint> GoneServices { get; } = [];

    /// <summary>Backends that serve an address no longer: their flows are forgotten.</summary>
    public List<(uint Vip, uint Backend)> GoneFlows { get; } = [];

    /// <summary>Backends that keep their connections, but not their datagrams.</summary>
    public List<(uint Vip, uint Backend)> DrainedFlows { get; } = [];

    /// <summary>Number of kernel entries.</summary>
    public int Count => NewServices.Count + ChangedServices.Count + NewBackends.Count + ChangedBackends.Count + GoneBackends.Count
        + NewMarks.Count + GoneMarks.Count + GoneServices.Count;
}
