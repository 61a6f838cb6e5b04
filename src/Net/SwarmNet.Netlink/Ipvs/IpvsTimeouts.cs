namespace SwarmNet.Netlink.Ipvs;

/// <summary>After how many idle seconds connections of a namespace are forgotten; when they are set, 0 = as it was.</summary>
/// <param name="Tcp">Established TCP connections; the kernel's default is 900.</param>
/// <param name="TcpFin">TCP connections of which one end is closed; 120.</param>
/// <param name="Udp">UDP flows; 300.</param>
public readonly record struct IpvsTimeouts(uint Tcp, uint TcpFin, uint Udp)
{
    /// <summary>Reads the kernel's answer; false for other messages and bad bytes.</summary>
    public static bool TryParse(in NetlinkMessage message, out IpvsTimeouts timeouts) => IpvsReader.TryReadTimeouts(message, out timeouts);
}
