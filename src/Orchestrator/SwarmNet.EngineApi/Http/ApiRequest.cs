using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using SwarmNet.EngineApi.Json;

namespace SwarmNet.EngineApi.Http;

/// <summary>One request with its answer, as handlers see it.</summary>
internal sealed class ApiRequest(HttpContext http, ApiVersion version, IReadOnlyDictionary<string, string> values)
{
    // Ample for a specification with a config of 1 MB in base64.
    private const int MaxJsonBytes = 8 * 1024 * 1024;

    /// <summary>The underlying exchange, for streams and upgrades.</summary>
    public HttpContext Http => http;

    /// <summary>The version that the client speaks.</summary>
    public ApiVersion Version => version;

    /// <summary>Ends when the client goes away or the server stops.</summary>
    public CancellationToken Aborted => http.RequestAborted;

    /// <summary>A value of the path.</summary>
    public string this[string name] => values[name];

    /// <summary>A parameter of the query, empty when absent.</summary>
    public string Query(string name) => http.Request.Query.TryGetValue(name, out var value) ? value[0] ?? "" : "";

    /// <summary>A boolean parameter: anything but empty, 0, no, false, none is true.</summary>
    public bool QueryFlag(string name) => Query(name).Trim().ToLowerInvariant() is not ("" or "0" or "no" or "false" or "none");

    /// <summary>The <c>filters</c> parameter.</summary>
    public ApiFilters Filters() => ApiFilters.Parse(Query("filters"));

    /// <summary>The object version that an update was read at.</summary>
    /// <param name="kind">Kind of object, for the message.</param>
    public ulong ObjectVersion(string kind)
    {
        var text = Query("version");
        return ulong.TryParse(text, System.Globalization.NumberStyles.None, null, out var number)
            ? number
            : throw new ApiException(
                400,
                kind is "secret" or "config"
                    ? $"invalid {kind} version"
                    : $"invalid {kind} version '{text}': strconv.ParseUint: parsing \"{text}\": invalid syntax");
    }

    /// <summary>Reads the body as a JSON object. Throws <see cref="GoJsonException"/> and <see cref="ApiException"/>.</summary>
    /// <param name="type">Name of the Go struct, for messages.</param>
    public async Task<GoObject> ReadObjectAsync(string type)
    {
        CheckJsonContent();
        return GoObject.Parse(await ReadBodyAsync(), type);
    }

    /// <summary>Answers with JSON and a line feed.</summary>
    public async Task WriteJsonAsync(int status, Action<Utf8JsonWriter> write)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body, GoJsonWriter.Options))
        {
            write(json);
        }

        body.Write("\n"u8);
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = body.WrittenCount;
        await http.Response.Body.WriteAsync(body.WrittenMemory, Aborted);
    }

    /// <summary>Answers 200 with a list.</summary>
    public Task WriteListAsync<T>(IEnumerable<T> items, Action<Utf8JsonWriter, T> write) => WriteJsonAsync(200, json =>
    {
        json.WriteStartArray();
        foreach (var item in items)
        {
            write(json, item);
        }

        json.WriteEndArray();
    });

    /// <summary>Answers with a status and no body.</summary>
    public Task WriteEmptyAsync(int status)
    {
        http.Response.StatusCode = status;
        if (status != 204)
        {
            http.Response.ContentLength = 0;
        }

        return Task.CompletedTask;
    }

    /// <summary>Starts an answer whose body is written bit by bit.</summary>
    public async Task<Stream> StartStreamAsync(string? contentType)
    {
        http.Response.StatusCode = 200;
        http.Response.ContentType = contentType;
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await http.Response.StartAsync(Aborted);
        await http.Response.Body.FlushAsync(Aborted);
        return http.Response.Body;
    }

    /// <summary>The body of a request that carries an archive: no limit of size.</summary>
    public Stream UnlimitedBody()
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        return http.Request.Body;
    }

    private void CheckJsonContent()
    {
        var type = http.Request.ContentType ?? "";
        if (type.Length == 0 && http.Request.ContentLength is null or 0)
        {
            return;
        }

        var media = type.Split(';', 2)[0].Trim();
        if (!string.Equals(media, "application/json", StringComparison.OrdinalIgnoreCase))
        {
            throw new ApiException(400, $"unsupported Content-Type header ({type}): must be 'application/json'");
        }
    }

    private async Task<ReadOnlyMemory<byte>> ReadBodyAsync()
    {
        var body = new ArrayBufferWriter<byte>();
        int read;
        while ((read = await http.Request.Body.ReadAsync(body.GetMemory(4096), Aborted)) > 0)
        {
            body.Advance(read);
            if (body.WrittenCount > MaxJsonBytes)
            {
                throw new ApiException(413, $"request body is larger than {MaxJsonBytes} bytes");
            }
        }

        return body.WrittenMemory;
    }
}
