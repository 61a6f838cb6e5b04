namespace SwarmNet.Overlay.Mesh;

/// <summary>How answers are sent back through the host that was asked.</summary>
public enum ReturnPathMode
{
    /// <summary>The egress hook writes that host's Ethernet address into the packet: no state per host. Kernel 5.16 and later.</summary>
    EgressHook,

    /// <summary>One routing rule and route per host (<see cref="ReturnPath.SetEntries"/>), for older kernels.</summary>
    RoutingRules,
}
