using System.Net;
using SwarmNet.Cli.Formatting;
using SwarmNet.Cli.Specs;

namespace SwarmNet.Cli.Commands.Flags;

/// <summary>What a flag's value must look like; refusals in the words of Docker's CLI.</summary>
internal static class FlagChecks
{
    public static void Decimal(string text) => Quantity.NanoCpus(text);

    public static void Bytes(string text) => Quantity.Bytes(text);

    public static void Mount(string text) => MountParser.Parse(text);

    public static void Port(string text) => PortParser.Parse(text);

    public static void Secret(string text) => FileReference.Parse(text);

    public static void Network(string text) => NetworkParser.Parse(text);

    public static void Ulimit(string text) => Quantity.Ulimit(text);

    public static void CommandLine(string text) => ShellWords.Split(text);

    public static void Preference(string text)
    {
        var strategy = KeyValue.Cut(text, out var argument);
        if (argument is null)
        {
            throw new FormatException("""placement preference must be of the format "<strategy>=<arg>" """.TrimEnd());
        }

        if (strategy != "spread")
        {
            throw new FormatException($"unsupported placement preference {strategy} (only spread is supported)");
        }
    }

    public static void Filter(string text)
    {
        if (text.Length > 0 && !text.Contains('=', StringComparison.Ordinal))
        {
            throw new FormatException("bad format of filter (expected name=value)");
        }
    }

    public static void ExternalCa(string text) => SwarmSpec.ExternalCa(text);

    public static void Subnets(string text)
    {
        foreach (var subnet in text.Split(','))
        {
            if (!IPNetwork.TryParse(subnet, out _))
            {
                throw new FormatException($"invalid string being converted to CIDR: {subnet}");
            }
        }
    }

    public static void CredentialSpec(string text)
    {
        if (text.Length > 0 && !text.StartsWith("config://", StringComparison.Ordinal) && !text.StartsWith("file://", StringComparison.Ordinal)
            && !text.StartsWith("registry://", StringComparison.Ordinal))
        {
            throw new FormatException("""invalid credential spec: value must be prefixed with "config://", "file://", or "registry://" """.TrimEnd());
        }
    }

    public static void PemFile(string text)
    {
        if (!File.Exists(text))
        {
            throw new FormatException($"open {text}: no such file or directory");
        }
    }

    public static void NodeAddress(string text)
    {
        if (text.Length == 0)
        {
            throw new FormatException("Invalid bind address format: ");
        }
    }

    public static void Environment(string text)
    {
        if (KeyValue.Cut(text, out _).Length == 0)
        {
            throw new FormatException($"invalid environment variable: {text}");
        }
    }

    public static void Label(string text)
    {
        var key = KeyValue.Cut(text, out _);
        if (key.Trim().Length == 0)
        {
            throw new FormatException($"invalid label '{text}': empty name");
        }

        if (key.Any(char.IsWhiteSpace))
        {
            throw new FormatException($"label '{text}' contains whitespaces");
        }
    }

    public static void GenericResource(string text)
    {
        if (KeyValue.Cut(text, out var value).Length == 0 || value is null)
        {
            throw new FormatException($"invalid generic-resource format `{text}` expected `name=value`");
        }
    }

    public static void IpAddress(string text)
    {
        if (!IPAddress.TryParse(text.Trim(), out _))
        {
            throw new FormatException($"IP address is not correctly formatted: {text}");
        }
    }

    /// <summary><c>host:ip</c> or <c>host=ip</c>.</summary>
    public static void ExtraHost(string text) => SplitHost(text);

    public static (string Name, string Address) SplitHost(string text)
    {
        var separator = text.IndexOfAny(['=', ':']);
        if (separator <= 0)
        {
            throw new FormatException($"bad format for add-host: {GoText.Quote(text)}");
        }

        var address = text[(separator + 1)..].Trim('[', ']');
        if (address != "host-gateway" && !IPAddress.TryParse(address, out _))
        {
            throw new FormatException($"invalid IP address in add-host: {GoText.Quote(text[(separator + 1)..])}");
        }

        return (text[..separator], address);
    }
}
