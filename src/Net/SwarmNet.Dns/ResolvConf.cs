using System.Net;

namespace SwarmNet.Dns;

/// <summary>The contents of a resolv.conf(5).</summary>
/// <param name="Nameservers">In order of preference.</param>
/// <param name="Search">Search domains.</param>
/// <param name="Options">For example <c>ndots:1</c>.</param>
public sealed record ResolvConf(IReadOnlyList<IPAddress> Nameservers, IReadOnlyList<string> Search, IReadOnlyList<string> Options)
{
    /// <summary>Parses the text of a resolv.conf; lines that make no sense are skipped, as the C library does.</summary>
    public static ResolvConf Parse(string text)
    {
        var nameservers = new List<IPAddress>();
        IReadOnlyList<string> search = [];
        var options = new List<string>();
        foreach (string line in text.Split('\n'))
        {
            string[] words = line.Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2)
            {
                continue;
            }

            switch (words[0])
            {
                case "nameserver" when IPAddress.TryParse(words[1], out IPAddress? address):
                    nameservers.Add(address);
                    break;
                case "search" or "domain": // the last one wins
                    search = words[1..];
                    break;
                case "options":
                    options.AddRange(words[1..]);
                    break;
            }
        }

        return new ResolvConf(nameservers, search, options);
    }

    /// <summary>At most three servers to forward to, port 53.</summary>
    public IReadOnlyList<IPEndPoint> Upstreams => [.. Nameservers.Take(3).Select(static a => new IPEndPoint(a, 53))];

    /// <summary>
    /// The file for a namespace that this resolver serves: <paramref name="resolver"/> as the only server, search domains kept,
    /// <c>ndots:0</c> added unless an ndots option is there.
    /// </summary>
    public string ForNamespace(IPAddress resolver)
    {
        IEnumerable<string> options = Options.Any(static o => o.StartsWith("ndots:", StringComparison.Ordinal)) ? Options : [.. Options, "ndots:0"];
        string search = Search.Count > 0 ? $"search {string.Join(' ', Search)}\n" : string.Empty;
        return $"{search}nameserver {resolver}\noptions {string.Join(' ', options)}\n";
    }
}
