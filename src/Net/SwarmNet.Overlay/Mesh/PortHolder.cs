using System.Globalization;
using System.Net.Sockets;
using SwarmNet.Linux;

namespace SwarmNet.Overlay.Mesh;

/// <summary>Who has a port, as far as /proc tells.</summary>
internal static class PortHolder
{
    private const string Listening = "0A"; // include/net/tcp_states.h TCP_LISTEN

    /// <summary>For example "nginx (process 1234)"; null when nobody is found.</summary>
    /// <param name="ns">The namespace; null = the one of this process.</param>
    /// <param name="port">The port.</param>
    public static string? Find(NetworkNamespace? ns, GuardedPort port)
    {
        string link = $"net:[{ns?.Id ?? NetworkNamespace.HomeId}]";
        HashSet<string>? sockets = null;
        foreach (string process in Processes(link))
        {
            sockets ??= Sockets(process, port);
            if (sockets.Count == 0)
            {
                return null;
            }

            if (Has(process, sockets))
            {
                return $"{ReadText(Path.Combine(process, "comm"))?.Trim()} (process {Path.GetFileName(process)})";
            }
        }

        return null;
    }

    /// <summary>Inodes, as "socket:[1234]", of the sockets on the port, out of the text of /proc/net/tcp, udp or their IPv6 twins.</summary>
    internal static IEnumerable<string> Parse(string table, ProtocolType protocol, ushort port)
    {
        foreach (string line in table.Split('\n').Skip(1))
        {
            // "sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode"
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > 9 && fields[1].Split(':') is [_, var hex]
                && ushort.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort local) && local == port
                && (protocol == ProtocolType.Udp || fields[3] == Listening))
            {
                yield return $"socket:[{fields[9]}]";
            }
        }
    }

    private static HashSet<string> Sockets(string process, GuardedPort port)
    {
        string name = port.Protocol == ProtocolType.Udp ? "udp" : "tcp";
        return port.Protocol == PublishedPort.Sctp
            ? []
            : [.. new[] { name, name + "6" }.SelectMany(table => Parse(ReadText(Path.Combine(process, "net", table)) ?? "", port.Protocol, port.Port))];
    }

    private static IEnumerable<string> Processes(string ns) => Directory.EnumerateDirectories("/proc")
        .Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0]) && ReadLink(Path.Combine(path, "ns", "net")) == ns);

    private static bool Has(string process, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(process, "fd")).Any(fd => ReadLink(fd) is { } target && sockets.Contains(target));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // it ended meanwhile, or is not ours to look at
        }
    }

    private static string? ReadLink(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
