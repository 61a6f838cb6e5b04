using System.Globalization;

namespace SwarmNet.Cli.Formatting;

/// <summary>Numbers with the errors of Go's strconv.</summary>
internal static class GoNumber
{
    public static long ParseInt(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : throw Error("ParseInt", text);

    public static ulong ParseUInt(string text, ulong max = ulong.MaxValue) =>
        !ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? throw Error("ParseUint", text)
        : value > max ? throw new FormatException($"strconv.ParseUint: parsing {GoText.Quote(text)}: value out of range")
        : value;

    public static double ParseFloat(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : throw Error("ParseFloat", text);

    private static FormatException Error(string function, string text)
    {
        var digits = text.AsSpan();
        if (digits.Length > 0 && digits[0] is '-' or '+')
        {
            digits = digits[1..];
        }

        var allDigits = digits.Length > 0 && !digits.ContainsAnyExceptInRange('0', '9') && function != "ParseUint";
        return new FormatException($"strconv.{function}: parsing {GoText.Quote(text)}: {(allDigits ? "value out of range" : "invalid syntax")}");
    }
}
