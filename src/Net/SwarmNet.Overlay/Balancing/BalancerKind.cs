namespace SwarmNet.Overlay.Balancing;

/// <summary>The kernel's means by which virtual addresses are balanced.</summary>
public enum BalancerKind
{
    /// <summary>nf_tables maps and NAT: <see cref="IServiceBalancer"/> with everything it offers.</summary>
    NfTables,

    /// <summary>IP virtual server (ip_vs).</summary>
    Ipvs,
}
