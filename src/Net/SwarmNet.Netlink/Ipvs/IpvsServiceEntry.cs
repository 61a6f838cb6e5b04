namespace SwarmNet.Netlink.Ipvs;

/// <summary>A service as the kernel lists it.</summary>
/// <param name="Service">What it is.</param>
/// <param name="Statistics">What it did.</param>
public readonly record struct IpvsServiceEntry(IpvsService Service, IpvsStatistics Statistics)
{
    /// <summary>Reads a listed service; false for other messages and bad bytes. Allocates nothing unless a scheduler's name is unknown.</summary>
    public static bool TryParse(in NetlinkMessage message, out IpvsServiceEntry entry) => IpvsReader.TryReadService(message, out entry);
}
