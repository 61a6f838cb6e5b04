using System.Globalization;
using SwarmNet.Linux;

namespace SwarmNet.Overlay.Repairs;

/// <summary>
/// Packets that reached an endpoint's namespace with a wrong checksum, as the kernel counts them there (InCsumErrors, RFC 4113 and Linux' <c>snmp_counter</c>). Nothing but
/// overlay traffic gets there, so that a count tells of what users know as "ping works and TCP does not": a network card of a sending host that computes
/// the checksums inside tunnels wrongly. It cannot be mended here; an inspection names it and the cure.
/// </summary>
public static class ChecksumErrors
{
    /// <summary>Single bits turn over on any wire; retransmissions of what is always wrong pass this at once.</summary>
    private const long Noise = 10;

    /// <summary>What an inspection reports: one finding, or none while next to every checksum was right.</summary>
    /// <exception cref="LinuxException">The namespace's counters cannot be read.</exception>
    public static IReadOnlyList<Repair> Inspect(NetworkNamespace endpoint)
    {
        long count = Count(endpoint.TryReadProcNet("snmp"), endpoint.TryReadProcNet("snmp6"));
        return count < Noise
            ? []
            : [new Repair(
                "checksums of received packets",
                $"were wrong {count} times: where this grows, a network card of a sending host computes them wrongly inside tunnels; on that host "
                + "'ethtool -K DEVICE tx-udp_tnl-csum-segmentation off tx-checksum-ip-generic off' lets the processor do it")];
    }

    /// <summary>Sum of TCP's and UDP's counters of both families. TCP's are common to both.</summary>
    /// <param name="snmp">Contents of <c>/proc/net/snmp</c>: per protocol a line of names and a line of values.</param>
    /// <param name="snmp6">Contents of <c>/proc/net/snmp6</c>: a name and a value per line; null without IPv6.</param>
    internal static long Count(string? snmp, string? snmp6)
    {
        long count = 0;
        string[] lines = (snmp ?? "").Split('\n');
        for (int i = 0; i + 1 < lines.Length; i++)
        {
            string[] names = lines[i].Split(' ');
            string[] values = lines[i + 1].Split(' ');
            int column = Array.IndexOf(names, "InCsumErrors");
            if (names[0] is "Tcp:" or "Udp:" && values[0] == names[0] && column > 0 && column < values.Length)
            {
                count += Number(values[column]);
            }
        }

        foreach (string line in (snmp6 ?? "").Split('\n').Where(static line => line.StartsWith("Udp6InCsumErrors", StringComparison.Ordinal)))
        {
            count += Number(line["Udp6InCsumErrors".Length..].Trim());
        }

        return count;
    }

    private static long Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : 0;
}
