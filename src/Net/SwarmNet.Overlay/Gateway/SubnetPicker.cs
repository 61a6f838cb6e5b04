namespace SwarmNet.Overlay.Gateway;

/// <summary>Chooses a subnet that collides with none in use. Pure.</summary>
internal static class SubnetPicker
{
    /// <summary>Docker's default local address pools: 172.17.0.0/16 (left to Docker's own bridge) to 172.31, then 192.168 in /20.</summary>
    public static IEnumerable<IPv4Prefix> DefaultCandidates()
    {
        for (uint second = 18; second < 32; second++)
        {
            yield return IPv4Prefix.FromValue((172u << 24) | (second << 16), 16);
        }

        for (uint third = 0; third < 256; third += 16)
        {
            yield return IPv4Prefix.FromValue((192u << 24) | (168u << 16) | (third << 8), 20);
        }
    }

    /// <summary>The first candidate that overlaps no route and no address in use; null when all do. Default routes do not count.</summary>
    public static IPv4Prefix? Pick(IEnumerable<IPv4Prefix> candidates, IReadOnlyCollection<IPv4Prefix> used)
    {
        foreach (IPv4Prefix candidate in candidates)
        {
            if (!used.Any(other => other.Length > 0 && other.Overlaps(candidate)))
            {
                return candidate;
            }
        }

        return null;
    }
}
