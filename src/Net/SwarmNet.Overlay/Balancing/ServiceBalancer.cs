using SwarmNet.Linux;
using SwarmNet.Overlay.Balancing.Ipvs;

namespace SwarmNet.Overlay.Balancing;

/// <summary>Opens the balancer of a namespace by the means that its kernel has.</summary>
public static class ServiceBalancer
{
    /// <summary>Opens the balancer of a namespace. Nothing is changed until the first <see cref="IServiceBalancer.SetServices"/>.</summary>
    /// <param name="ns">The clients' namespace; need not stay open.</param>
    /// <param name="kind">Null = nf_tables.</param>
    public static IServiceBalancer Open(NetworkNamespace ns, BalancerKind? kind = null) => kind switch
    {
        null or BalancerKind.NfTables => new NfTablesBalancer(ns),
        BalancerKind.Ipvs => new IpvsBalancer(ns),
        _ => throw new OverlayException($"This version has no balancer of the kind {kind}."),
    };
}
