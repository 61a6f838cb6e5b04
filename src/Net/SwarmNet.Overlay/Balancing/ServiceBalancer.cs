using SwarmNet.Linux;
using SwarmNet.Overlay.Balancing.Ipvs;

namespace SwarmNet.Overlay.Balancing;

/// <summary>Opens the balancer of a namespace by the means that its kernel has.</summary>
public static class ServiceBalancer
{
    // What the kernel can does not change from namespace to namespace.
    private static BalancerKind? _chosen;

    /// <summary>Opens the balancer of a namespace. No service is changed until the first <see cref="IServiceBalancer.SetServices"/>.</summary>
    /// <param name="ns">The clients' namespace; need not stay open.</param>
    /// <param name="kind">For IPv4; null = nf_tables, or IPVS where nf_tables lacks something. IPv6 is always nf_tables' business.</param>
    /// <exception cref="OverlayException">The kernel lacks the means.</exception>
    public static IServiceBalancer Open(NetworkNamespace ns, BalancerKind? kind = null) => (kind ?? Choose(ns)) switch
    {
        BalancerKind.Ipvs => new DualStackBalancer(new IpvsBalancer(ns), ns),
        _ => new DualStackBalancer(new NfTablesBalancer(ns), ns),
    };

    /// <summary>What keeps that kind of balancer from working in this kernel, and what would help; null = it works. Tries, and undoes what it tried.</summary>
    public static string? FindObstacle(NetworkNamespace ns, BalancerKind kind) => BalancerProbe.FindObstacle(ns, kind);

    /// <summary>The kind that is taken when nobody says which: IPVS only where nf_tables cannot. Pure.</summary>
    /// <param name="findObstacle">As <see cref="FindObstacle"/>; asked for as few kinds as needed.</param>
    /// <exception cref="OverlayException">Neither works.</exception>
    internal static BalancerKind Choose(Func<BalancerKind, string?> findObstacle)
    {
        if (findObstacle(BalancerKind.NfTables) is not { } first)
        {
            return BalancerKind.NfTables;
        }

        return findObstacle(BalancerKind.Ipvs) is { } second
            ? throw new OverlayException($"This kernel can balance virtual addresses by no means: {first}; {second}.")
            : BalancerKind.Ipvs;
    }

    private static BalancerKind Choose(NetworkNamespace ns) => _chosen ??= Choose(kind => FindObstacle(ns, kind));
}
