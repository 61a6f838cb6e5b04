using System.Globalization;

namespace SwarmNet.Ca;

/// <summary>Addresses of managers, <c>host:port</c>; an IPv6 host stands in brackets.</summary>
public static class ManagerAddress
{
    /// <summary>The port of a swarm's managers.</summary>
    public const int DefaultPort = 2377;

    /// <summary>Host and port; the default port when there is none. Throws <see cref="FormatException"/> for a port that is no number.</summary>
    public static (string Host, int Port) Split(string address)
    {
        var colon = address.LastIndexOf(':');
        if (colon < 0 || address.EndsWith(']') || (address.IndexOf(':', StringComparison.Ordinal) != colon && !address.StartsWith('[')))
        {
            return (address.Trim('[', ']'), DefaultPort);
        }

        return ushort.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? (address[..colon].Trim('[', ']'), port)
            : throw new FormatException($"\"{address}\" is not host:port.");
    }
}
