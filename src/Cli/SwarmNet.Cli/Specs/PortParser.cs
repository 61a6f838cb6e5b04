using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SwarmNet.Cli.Formatting;

namespace SwarmNet.Cli.Specs;

/// <summary>The value of <c>--publish</c>: <c>8080:80/tcp</c>, ranges, or <c>published=8080,target=80,mode=host</c>.</summary>
internal static class PortParser
{
    public static List<JsonObject> Parse(string text) =>
        // The long form is any text with a word on both sides of an equals sign.
        Regex.IsMatch(text, @"\w+=\w+(,\w+=\w+)*") ? [ParseLong(text)] : ParseShort(text);

    private static JsonObject ParseLong(string text)
    {
        ulong target = 0, published = 0;
        string protocol = "tcp", mode = "ingress";
        foreach (var field in Csv.Fields(text))
        {
            var key = KeyValue.Cut(field.ToLowerInvariant(), out var value);
            if (value is null || key.Length == 0)
            {
                throw new FormatException($"invalid field: {field}");
            }

            switch (key)
            {
                case "protocol":
                    protocol = value is "tcp" or "udp" or "sctp" ? value : throw new FormatException($"invalid protocol value '{value}'");
                    break;
                case "mode":
                    mode = value is "ingress" or "host"
                        ? value
                        : throw new FormatException($"invalid publish mode value ({value}): must be either 'ingress' or 'host'");
                    break;
                case "target":
                    target = Port("target", value);
                    break;
                case "published":
                    published = Port("published", value);
                    break;
                default:
                    throw new FormatException($"invalid field key: {key}");
            }
        }

        return target == 0 ? throw new FormatException("missing mandatory field 'target'") : Config(protocol, target, published, mode);
    }

    private static ulong Port(string name, string value)
    {
        if (ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return port <= 65535 ? port : throw new FormatException($"invalid {name} port ({value}): value must be an integer: value out of range");
        }

        throw new FormatException($"invalid {name} port ({value}): value must be an integer: invalid syntax");
    }

    private static List<JsonObject> ParseShort(string text)
    {
        var slash = text.LastIndexOf('/');
        var protocol = slash < 0 ? "tcp" : text[(slash + 1)..].ToLowerInvariant();
        var parts = (slash < 0 ? text : text[..slash]).Split(':');
        var (ip, host, container) = parts.Length switch
        {
            1 => ("", "", parts[0]),
            2 => ("", parts[0], parts[1]),
            _ => (string.Join(':', parts[..^2]), parts[^2], parts[^1]),
        };
        if (ip.Length > 0 && !System.Net.IPAddress.TryParse(ip.Trim('[', ']'), out _))
        {
            throw new FormatException($"invalid IP address: {ip}");
        }

        if (container.Length == 0)
        {
            throw new FormatException($"no port specified: {text}<empty>");
        }

        var (first, last) = Range(container) ?? throw new FormatException($"invalid containerPort: {container}");
        (ulong First, ulong Last)? published = null;
        if (host.Length > 0)
        {
            published = Range(host) ?? throw new FormatException($"invalid hostPort: {host}");
            if (published.Value.Last - published.Value.First != last - first && first != last)
            {
                throw new FormatException($"invalid ranges specified for container and host Ports: {container} and {host}");
            }
        }

        if (protocol is not ("tcp" or "udp" or "sctp"))
        {
            throw new FormatException($"invalid proto: {protocol}");
        }

        if (ip.Length > 0)
        {
            throw new FormatException("hostip is not supported");
        }

        var ports = new List<JsonObject>();
        if (published is { } range && first == last)
        {
            for (var port = range.First; port <= range.Last; port++)
            {
                ports.Add(Config(protocol, first, port, "ingress"));
            }
        }
        else
        {
            for (var target = first; target <= last; target++)
            {
                ports.Add(Config(protocol, target, published is { } start ? start.First + (target - first) : 0, "ingress"));
            }
        }

        return ports;
    }

    private static (ulong First, ulong Last)? Range(string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        if (!ushort.TryParse(dash < 0 ? text : text[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out var first))
        {
            return null;
        }

        var last = first;
        return dash >= 0 && (!ushort.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out last) || last < first)
            ? null
            : (first, last);
    }

    private static JsonObject Config(string protocol, ulong target, ulong published, string mode)
    {
        var config = new JsonObject { ["Protocol"] = protocol, ["TargetPort"] = target };
        if (published != 0)
        {
            config["PublishedPort"] = published;
        }

        config["PublishMode"] = mode;
        return config;
    }

    /// <summary>Order of ports in a spec after an update: by what identifies them, as Docker's CLI sorts them.</summary>
    public static string SortKey(JsonNode port) =>
        string.Create(CultureInfo.InvariantCulture, $"{port["PublishedPort"] ?? 0}:{port["TargetPort"]}:{port["Protocol"]}:{port["PublishMode"]}");

}
