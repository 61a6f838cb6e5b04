namespace SwarmNet.Netlink.Ipvs;

/// <summary>What the kernel tells of its IPVS.</summary>
/// <param name="Version">Its version.</param>
/// <param name="ConnectionTableSize">Number of buckets of the connection table, which all namespaces share.</param>
public sealed record IpvsInfo(Version Version, uint ConnectionTableSize)
{
    /// <summary>Reads the kernel's answer; false for other messages and bad bytes.</summary>
    public static bool TryParse(in NetlinkMessage message, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out IpvsInfo info) =>
        IpvsReader.TryReadInfo(message, out info);
}
