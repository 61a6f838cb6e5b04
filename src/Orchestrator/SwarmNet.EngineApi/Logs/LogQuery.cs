using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using SwarmNet.EngineApi.Http;
using SwarmNet.EngineApi.Json;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Logs;

/// <summary>What a logs request asks for.</summary>
/// <param name="Stdout">Standard output.</param>
/// <param name="Stderr">Standard error.</param>
/// <param name="Follow">Go on as lines come.</param>
/// <param name="Timestamps">Put the time before each line.</param>
/// <param name="Details">Put the attributes before each line.</param>
/// <param name="Tail">Lines from the end; null for all.</param>
/// <param name="Since">Not older than this; null for all.</param>
/// <param name="Until">Not younger than this; null for all.</param>
public sealed record LogQuery(
    bool Stdout, bool Stderr, bool Follow, bool Timestamps, bool Details, long? Tail, Timestamp? Since, Timestamp? Until)
{
    /// <summary>Reads the query. Throws <see cref="ApiException"/>.</summary>
    internal static LogQuery Of(ApiRequest request)
    {
        var (stdout, stderr) = (request.QueryFlag("stdout"), request.QueryFlag("stderr"));
        if (!stdout && !stderr)
        {
            throw new ApiException(500, "Bad parameters: you must choose at least one stream");
        }

        return new LogQuery(
            stdout,
            stderr,
            request.QueryFlag("follow"),
            request.QueryFlag("timestamps"),
            request.QueryFlag("details"),
            ParseTail(request.Query("tail")),
            ParseTime("since", request.Query("since")),
            ParseTime("until", request.Query("until")));
    }

    /// <summary>
    /// The same for the log broker. Its <c>Tail</c> counts from the start when not negative; −1 is the end, and n below that
    /// is −n − 1 lines before the end.
    /// </summary>
    internal LogSubscriptionOptions ToOptions()
    {
        var options = new LogSubscriptionOptions { Follow = Follow, Tail = Tail is { } lines ? -lines - 1 : 0, Since = Since };
        if (Stdout)
        {
            options.Streams.Add(LogStream.Stdout);
        }

        if (Stderr)
        {
            options.Streams.Add(LogStream.Stderr);
        }

        return options;
    }

    private static long? ParseTail(string text)
    {
        if (text is "" or "all")
        {
            return null;
        }

        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var lines))
        {
            throw new ApiException(400, "tail value must be a positive integer or \"all\"");
        }

        return lines >= 0 ? lines : throw new ApiException(400, "negative tail values not supported");
    }

    private static Timestamp? ParseTime(string name, string text)
    {
        if (text is "" or "0")
        {
            return null;
        }

        return GoTime.TryParse(text, out var time) ? time : throw new ApiException(400, $"invalid value for \"{name}\": {text}");
    }
}
