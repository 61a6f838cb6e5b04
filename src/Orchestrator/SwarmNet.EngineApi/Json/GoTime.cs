using System.Globalization;
using Google.Protobuf.WellKnownTypes;

namespace SwarmNet.EngineApi.Json;

/// <summary>Times and durations as Docker's API writes them: RFC 3339 with as many of nine decimals as are needed, and integer nanoseconds.</summary>
internal static class GoTime
{
    /// <summary>Go's zero time, also what an unset timestamp reads as.</summary>
    public const string Zero = "0001-01-01T00:00:00Z";

    private const long NanosPerSecond = 1_000_000_000;
    private const long UnixMin = -62135596800;
    private const long UnixMax = 253402300799;

    /// <summary>The time, for example <c>2026-11-21T00:31:45.74572324Z</c>.</summary>
    public static string Format(Timestamp? time) => time is null ? Zero : Format(time, trimmed: true);

    /// <summary>The time with all nine decimals (Go <c>jsonmessage.RFC3339NanoFixed</c>), as in log lines.</summary>
    public static string FormatFixed(Timestamp? time) => Format(time ?? new Timestamp(), trimmed: false);

    /// <summary>The time of the clock.</summary>
    public static string Format(DateTimeOffset time) => Format(Timestamp.FromDateTimeOffset(time), trimmed: true);

    /// <summary>Nanoseconds of a duration; 0 when unset.</summary>
    public static long Nanoseconds(Duration? duration) =>
        duration is null ? 0 : unchecked((duration.Seconds * NanosPerSecond) + duration.Nanos);

    /// <summary>Nanoseconds since the Unix epoch.</summary>
    public static long UnixNanoseconds(Timestamp time) => unchecked((time.Seconds * NanosPerSecond) + time.Nanos);

    /// <summary>The duration of that many nanoseconds.</summary>
    public static Duration Duration(long nanoseconds) =>
        new() { Seconds = nanoseconds / NanosPerSecond, Nanos = (int)(nanoseconds % NanosPerSecond) };

    /// <summary>Reads Docker's <c>seconds[.nanoseconds]</c> since the epoch, or an RFC 3339 time; false for anything else.</summary>
    public static bool TryParse(string text, out Timestamp time)
    {
        time = new Timestamp();
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        var whole = dot < 0 ? text : text[..dot];
        if (long.TryParse(whole, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds))
        {
            var fraction = dot < 0 ? "" : text[(dot + 1)..];
            if (seconds is < UnixMin or > UnixMax || fraction.Length > 9 || fraction.AsSpan().ContainsAnyExceptInRange('0', '9'))
            {
                return false;
            }

            time.Seconds = seconds;
            time.Nanos = fraction.Length == 0 ? 0 : int.Parse(fraction.PadRight(9, '0'), CultureInfo.InvariantCulture);
            return true;
        }

        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment))
        {
            return false;
        }

        time = Timestamp.FromDateTimeOffset(moment);
        return true;
    }

    private static string Format(Timestamp time, bool trimmed)
    {
        if (time.Seconds is < UnixMin or > UnixMax)
        {
            return Zero;
        }

        var second = DateTimeOffset.FromUnixTimeSeconds(time.Seconds).ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
        var fraction = time.Nanos.ToString("D9", CultureInfo.InvariantCulture);
        if (trimmed)
        {
            fraction = fraction.TrimEnd('0');
        }

        return fraction.Length == 0 ? $"{second}Z" : $"{second}.{fraction}Z";
    }
}
