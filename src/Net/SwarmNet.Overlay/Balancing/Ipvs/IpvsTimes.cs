using SwarmNet.Netlink.Ipvs;

namespace SwarmNet.Overlay.Balancing.Ipvs;

/// <summary>The timeouts of a namespace. Pure.</summary>
internal static class IpvsTimes
{
    // As connection tracking has them. The kernel's own 15 minutes of TCP cut connections that are merely idle.
    private const uint DefaultTcpSeconds = 5 * 24 * 3600;
    private const uint DefaultUdpSeconds = 120;

    /// <summary>The longest that any of these services asks for; those that ask for none have the default.</summary>
    public static IpvsTimeouts Of(IReadOnlyList<VirtualService> services)
    {
        uint tcp = 0;
        uint udp = 0;
        for (int i = 0; i < services.Count; i++)
        {
            tcp = Math.Max(tcp, Seconds(services[i].Timeouts?.TcpEstablished, DefaultTcpSeconds));
            udp = Math.Max(udp, Seconds(services[i].Timeouts?.Udp, DefaultUdpSeconds));
        }

        return new IpvsTimeouts(tcp == 0 ? DefaultTcpSeconds : tcp, 0, udp == 0 ? DefaultUdpSeconds : udp);
    }

    private static uint Seconds(TimeSpan? time, uint otherwise) => time is { } given ? (uint)given.TotalSeconds : otherwise;
}
