using System.Globalization;

namespace SwarmNet.Cli.Formatting;

/// <summary>Times and sizes for people, as Docker's go-units prints them.</summary>
internal static class Humanize
{
    private static readonly string[] s_decimalUnits = ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
    private static readonly string[] s_binaryUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"];

    /// <summary>Such as <c>About a minute</c>.</summary>
    public static string Duration(TimeSpan span)
    {
        var seconds = (long)span.TotalSeconds;
        var minutes = (long)span.TotalMinutes;
        var hours = (long)(span.TotalHours + 0.5);
        return seconds switch
        {
            < 1 => "Less than a second",
            1 => "1 second",
            < 60 => $"{seconds} seconds",
            _ when minutes == 1 => "About a minute",
            _ when minutes < 60 => $"{minutes} minutes",
            _ when hours == 1 => "About an hour",
            _ when hours < 48 => $"{hours} hours",
            _ when hours < 24 * 7 * 2 => $"{hours / 24} days",
            _ when hours < 24 * 30 * 2 => $"{hours / 24 / 7} weeks",
            _ when hours < 24 * 365 * 2 => $"{hours / 24 / 30} months",
            _ => $"{(long)span.TotalHours / 24 / 365} years",
        };
    }

    /// <summary>Decimal size with up to <paramref name="precision"/> digits, such as <c>4.26MB</c>.</summary>
    public static string Size(double bytes, int precision = 4) => Scale(bytes, 1000, s_decimalUnits, precision);

    /// <summary>Binary size, such as <c>23.54GiB</c>.</summary>
    public static string BinarySize(double bytes) => Scale(bytes, 1024, s_binaryUnits, 4);

    private static string Scale(double value, double unit, string[] names, int precision)
    {
        var i = 0;
        while (value >= unit && i < names.Length - 1)
        {
            value /= unit;
            i++;
        }

        return General(value, precision) + names[i];
    }

    /// <summary>Go's %.Ng for the values that occur here (never an exponent, no trailing zeros).</summary>
    private static string General(double value, int precision)
    {
        if (value == 0)
        {
            return "0";
        }

        var digitsBefore = Math.Max(1, (int)Math.Floor(Math.Log10(Math.Abs(value))) + 1);
        var text = Math.Round((decimal)value, Math.Max(0, precision - digitsBefore), MidpointRounding.ToEven).ToString(CultureInfo.InvariantCulture);
        return text.Contains('.', StringComparison.Ordinal) ? text.TrimEnd('0').TrimEnd('.') : text;
    }
}
