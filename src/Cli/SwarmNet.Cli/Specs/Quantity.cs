using System.Globalization;

namespace SwarmNet.Cli.Specs;

/// <summary>CPUs, bytes and ulimits as flags give them.</summary>
internal static class Quantity
{
    /// <summary>A number of CPUs in units of 10^-9.</summary>
    public static long NanoCpus(string text)
    {
        decimal value;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash > 0 && decimal.TryParse(text.AsSpan(0, slash), NumberStyles.Float, CultureInfo.InvariantCulture, out var numerator)
            && decimal.TryParse(text.AsSpan(slash + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var denominator) && denominator != 0)
        {
            value = numerator / denominator;
        }
        else if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
        {
            throw new FormatException($"failed to parse {text} as a rational number");
        }

        var nano = value * 1_000_000_000;
        return nano == decimal.Truncate(nano) ? (long)nano : throw new FormatException("value is too precise");
    }

    /// <summary>Bytes with a binary suffix: <c>64M</c> is 64·2^20 (units.RAMInBytes).</summary>
    public static long Bytes(string text)
    {
        var digits = text.AsSpan().LastIndexOfAnyInRange('0', '9') + 1;
        if (digits == 0)
        {
            throw new FormatException($"invalid size: '{text}'");
        }

        var suffix = text[digits..].Trim().ToLowerInvariant();
        if (!decimal.TryParse(text.AsSpan(0, digits), NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            || number < 0)
        {
            throw new FormatException($"invalid size: '{text}'");
        }

        var power = suffix switch
        {
            "" or "b" => 0,
            "k" or "kb" or "kib" => 1,
            "m" or "mb" or "mib" => 2,
            "g" or "gb" or "gib" => 3,
            "t" or "tb" or "tib" => 4,
            "p" or "pb" or "pib" => 5,
            _ => throw new FormatException($"invalid suffix: '{suffix}'"),
        };
        return (long)(number * (1L << (10 * power)));
    }

    /// <summary><c>name=soft[:hard]</c>.</summary>
    public static (string Name, long Soft, long Hard) Ulimit(string text)
    {
        var name = KeyValue.Cut(text, out var limits);
        if (limits is null)
        {
            throw new FormatException($"invalid ulimit argument: {text}");
        }

        if (name is not ("core" or "cpu" or "data" or "fsize" or "locks" or "memlock" or "msgqueue" or "nice" or "nofile" or "nproc" or "rss" or "rtprio"
            or "rttime" or "sigpending" or "stack"))
        {
            throw new FormatException($"invalid ulimit type: {name}");
        }

        var parts = limits.Split(':');
        if (parts.Length > 2)
        {
            throw new FormatException($"too many limit value arguments - {limits}, can only have up to two, `soft[:hard]`");
        }

        var soft = Formatting.GoNumber.ParseInt(parts[0]);
        var hard = parts.Length == 2 ? Formatting.GoNumber.ParseInt(parts[1]) : soft;
        return hard == -1 || (soft != -1 && soft <= hard)
            ? (name, soft, hard)
            : throw new FormatException($"ulimit soft limit must be less than or equal to hard limit: {soft} > {hard}");
    }
}
