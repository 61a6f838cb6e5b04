using System.Globalization;

namespace SwarmNet.Grpc;

/// <summary>The header <c>grpc-timeout</c>: at most 8 digits and a unit (H, M, S, m = ms, u = µs, n = ns).</summary>
internal static class GrpcTimeout
{
    private const int MaxDigits = 8;

    public static bool TryParse(string? text, out TimeSpan timeout)
    {
        timeout = default;
        if (text is null || text.Length is < 2 or > MaxDigits + 1
            || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        long? ticks = text[^1] switch
        {
            'H' => value * TimeSpan.TicksPerHour,
            'M' => value * TimeSpan.TicksPerMinute,
            'S' => value * TimeSpan.TicksPerSecond,
            'm' => value * TimeSpan.TicksPerMillisecond,
            'u' => value * TimeSpan.TicksPerMicrosecond,
            'n' => value / TimeSpan.NanosecondsPerTick,
            _ => null,
        };
        timeout = TimeSpan.FromTicks(ticks ?? 0);
        return ticks is not null;
    }

    /// <summary>The smallest unit in which the timeout fits into eight digits, rounded down; at least one microsecond.</summary>
    public static string Format(TimeSpan timeout)
    {
        foreach (var (unit, ticks) in (ReadOnlySpan<(char, long)>)
            [('u', TimeSpan.TicksPerMicrosecond), ('m', TimeSpan.TicksPerMillisecond), ('S', TimeSpan.TicksPerSecond), ('M', TimeSpan.TicksPerMinute)])
        {
            if (timeout.Ticks / ticks is var value and < 100_000_000)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, value)}{unit}");
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{Math.Min(99_999_999, timeout.Ticks / TimeSpan.TicksPerHour)}H");
    }
}
