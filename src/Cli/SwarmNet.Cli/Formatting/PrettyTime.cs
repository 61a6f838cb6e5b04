namespace SwarmNet.Cli.Formatting;

/// <summary>Times of the API for people.</summary>
internal static class PrettyTime
{
    /// <summary>An RFC 3339 time as Docker's <c>--pretty</c> prints it: <c>2026-11-21 01:08:21.224204036 +0000 utc</c>.</summary>
    public static string Format(string time) => GoFormat(time).ToLowerInvariant();

    /// <summary>Go's Time.String() of a UTC time.</summary>
    public static string GoFormat(string time)
    {
        if (!time.EndsWith('Z') || time.Length < 20)
        {
            return time;
        }

        // Text surgery: .NET's ticks are too coarse for nanoseconds.
        return $"{time[..10]} {time[11..^1]} +0000 UTC";
    }

    /// <summary>Such as <c>5 minutes ago</c>.</summary>
    public static string Ago(DateTimeOffset time, DateTimeOffset now) => Humanize.Duration(now - time) + " ago";
}
