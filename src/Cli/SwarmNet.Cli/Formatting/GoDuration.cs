using System.Buffers;
using System.Globalization;
using System.Text;

namespace SwarmNet.Cli.Formatting;

/// <summary>Go's time.Duration: nanoseconds, written like <c>1h30m0.5s</c>.</summary>
internal static class GoDuration
{
    public const long Microsecond = 1000;
    public const long Millisecond = 1000 * Microsecond;
    public const long Second = 1000 * Millisecond;
    public const long Minute = 60 * Second;
    public const long Hour = 60 * Minute;

    private static readonly SearchValues<char> s_number = SearchValues.Create("0123456789.");

    /// <summary>Reads a duration; throws <see cref="FormatException"/> with Go's words.</summary>
    public static long Parse(string text)
    {
        var rest = text.AsSpan();
        var negative = rest.Length > 0 && rest[0] == '-';
        if (rest.Length > 0 && rest[0] is '-' or '+')
        {
            rest = rest[1..];
        }

        if (rest is "0")
        {
            return 0;
        }

        if (rest.Length == 0)
        {
            throw Invalid(text);
        }

        decimal total = 0;
        while (rest.Length > 0)
        {
            var digits = rest.IndexOfAnyExcept(s_number);
            if (digits < 0 && decimal.TryParse(rest, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _))
            {
                throw new FormatException($"time: missing unit in duration {GoText.Quote(text)}");
            }

            if (digits <= 0 || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                throw Invalid(text);
            }

            rest = rest[digits..];
            var unitLength = rest.IndexOfAny(s_number);
            var unit = unitLength < 0 ? rest : rest[..unitLength];
            total += number * (unit switch
            {
                "ns" => 1,
                "us" or "µs" or "μs" => Microsecond,
                "ms" => Millisecond,
                "s" => Second,
                "m" => Minute,
                "h" => Hour,
                _ => throw new FormatException($"time: unknown unit {GoText.Quote(unit.ToString())} in duration {GoText.Quote(text)}"),
            });
            rest = rest[unit.Length..];
            if (total > long.MaxValue)
            {
                throw Invalid(text);
            }
        }

        return negative ? -(long)total : (long)total;
    }

    /// <summary>Duration.String().</summary>
    public static string Format(long nanoseconds)
    {
        if (nanoseconds == 0)
        {
            return "0s";
        }

        var sign = nanoseconds < 0 ? "-" : "";
        var value = Math.Abs((decimal)nanoseconds);
        if (value < Second)
        {
            var (unit, name) = value < Microsecond ? (1m, "ns") : value < Millisecond ? (Microsecond, "µs") : (Millisecond, "ms");
            return string.Create(CultureInfo.InvariantCulture, $"{sign}{value / unit:0.######}{name}");
        }

        var result = new StringBuilder(sign);
        var hours = (long)(value / Hour);
        var minutes = (long)(value % Hour / Minute);
        if (hours > 0)
        {
            result.Append(CultureInfo.InvariantCulture, $"{hours}h");
        }

        if (hours > 0 || minutes > 0)
        {
            result.Append(CultureInfo.InvariantCulture, $"{minutes}m");
        }

        return result.Append(CultureInfo.InvariantCulture, $"{value % Minute / Second:0.#########}s").ToString();
    }

    private static FormatException Invalid(string text) => new($"time: invalid duration {GoText.Quote(text)}");
}
