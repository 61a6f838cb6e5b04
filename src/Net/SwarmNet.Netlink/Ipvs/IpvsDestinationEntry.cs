namespace SwarmNet.Netlink.Ipvs;

/// <summary>A destination as the kernel lists it.</summary>
/// <param name="Destination">What it is.</param>
/// <param name="ActiveConnections">Connections that are established.</param>
/// <param name="InactiveConnections">Connections in other states.</param>
/// <param name="PersistentConnections">Clients that are bound to it.</param>
/// <param name="Statistics">What it did.</param>
public readonly record struct IpvsDestinationEntry(
    IpvsDestination Destination,
    uint ActiveConnections,
    uint InactiveConnections,
    uint PersistentConnections,
    IpvsStatistics Statistics)
{
    /// <summary>Reads a listed destination; false for other messages and bad bytes. Allocates nothing.</summary>
    public static bool TryParse(in NetlinkMessage message, out IpvsDestinationEntry entry) => IpvsReader.TryReadDestination(message, out entry);
}
