using System.Buffers;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using SwarmNet.EngineApi.Http;
using SwarmNet.EngineApi.Json;

namespace SwarmNet.EngineApi.Events;

/// <summary><c>GET /events</c>: one JSON object per line, the past from <c>since</c>, then what happens until <c>until</c>.</summary>
internal sealed class EventRoutes(EventLog log, TimeProvider time)
{
    public IEnumerable<ApiRoute> All => [new("GET", "/events", StreamAsync)];

    private async Task StreamAsync(ApiRequest request)
    {
        var since = ParseTime(request.Query("since"));
        var until = ParseTime(request.Query("until"));
        if (since is { } from && until is { } to && GoTime.UnixNanoseconds(to) < GoTime.UnixNanoseconds(from))
        {
            throw new ApiException(400, $"`since` time ({request.Query("since")}) cannot be after `until` time ({request.Query("until")})");
        }

        var filters = request.Filters();
        var (past, future) = log.Listen();
        try
        {
            var body = await request.StartStreamAsync("application/json");
            foreach (var happened in past)
            {
                if (since is { } start && GoTime.UnixNanoseconds(happened.Time) >= GoTime.UnixNanoseconds(start) && IsBefore(happened.Time, until))
                {
                    await WriteAsync(body, filters, happened, request.Aborted);
                }
            }

            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted);
            if (until is { } end)
            {
                var left = end.ToDateTimeOffset() - time.GetUtcNow();
                if (left <= TimeSpan.Zero)
                {
                    return;
                }

                deadline.CancelAfter(left);
            }

            await FollowAsync(body, filters, future.Reader, request.Aborted, deadline.Token);
        }
        finally
        {
            log.Unlisten(future);
        }
    }

    private static async Task FollowAsync(
        Stream body, ApiFilters filters, System.Threading.Channels.ChannelReader<EngineEvent> future, CancellationToken aborted, CancellationToken end)
    {
        try
        {
            await foreach (var happened in future.ReadAllAsync(end))
            {
                await WriteAsync(body, filters, happened, end);
            }
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            // The time of `until` has come.
        }
    }

    private static async Task WriteAsync(Stream body, ApiFilters filters, EngineEvent happened, CancellationToken cancellationToken)
    {
        if (!Matches(filters, happened))
        {
            return;
        }

        var line = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(line, GoJsonWriter.Options))
        {
            happened.Write(json);
        }

        line.Write("\n"u8);
        await body.WriteAsync(line.WrittenMemory, cancellationToken);
        await body.FlushAsync(cancellationToken);
    }

    // Unknown filters are ignored, as in Docker.
    private static bool Matches(ApiFilters filters, EngineEvent happened) =>
        filters.Is("type", happened.Type)
        && filters.Match("event", wanted => wanted == happened.Action || happened.Action.StartsWith(wanted + ":", StringComparison.Ordinal))
        && filters.Is("scope", happened.Scope)
        && filters.Labels("label", happened.Attributes)
        && IsActor(filters, "service", happened)
        && IsActor(filters, "node", happened)
        && IsActor(filters, "network", happened)
        && IsActor(filters, "secret", happened)
        && IsActor(filters, "config", happened)
        && IsActor(filters, "container", happened)
        && IsActor(filters, "image", happened)
        && IsActor(filters, "volume", happened);

    private static bool IsActor(ApiFilters filters, string type, EngineEvent happened) => !filters.Has(type)
        || (happened.Type == type && filters.Match(
            type, wanted => happened.ActorId.StartsWith(wanted, StringComparison.Ordinal) || happened.Attributes.GetValueOrDefault("name") == wanted));

    private static bool IsBefore(Timestamp moment, Timestamp? until) =>
        until is null || GoTime.UnixNanoseconds(moment) <= GoTime.UnixNanoseconds(until);

    private static Timestamp? ParseTime(string text)
    {
        if (text.Length == 0)
        {
            return null;
        }

        return GoTime.TryParse(text, out var moment)
            ? moment
            : throw new ApiException(500, $"strconv.ParseInt: parsing \"{text}\": invalid syntax");
    }
}
