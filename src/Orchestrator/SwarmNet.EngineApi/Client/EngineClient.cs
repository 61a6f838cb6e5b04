using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SwarmNet.Linux;

namespace SwarmNet.EngineApi.Client;

/// <summary>
/// A small blocking client of the Docker Engine HTTP API, for command-line programs: one connection, one request at a time, no HttpClient
/// (which alone costs more start-up time than a whole <c>docker node ls</c>). Not safe for use by several threads.
/// </summary>
public sealed class EngineClient : IDisposable
{
    /// <summary>The newest API version this client asks for.</summary>
    public const string NewestApiVersion = "1.50";

    private HttpConnection? _connection;
    private string? _apiVersion;

    /// <summary>Creates a client. Nothing is sent before the first request.</summary>
    /// <param name="host">Where the engine listens.</param>
    /// <param name="apiVersion">Version to use without asking the engine (<c>DOCKER_API_VERSION</c>); null: agree on one with <c>/_ping</c>.</param>
    public EngineClient(EngineHost host, string? apiVersion = null)
    {
        Host = host;
        _apiVersion = apiVersion;
    }

    /// <summary>Where the engine listens.</summary>
    public EngineHost Host { get; }

    /// <summary>The API version in use: the older one of <see cref="NewestApiVersion"/> and the engine's. Asks the engine once.</summary>
    public string ApiVersion => _apiVersion ??= Negotiate();

    /// <summary>True when the engine's API is at least this version.</summary>
    /// <param name="version">Such as <c>1.42</c>.</param>
    public bool Supports(string version) => Compare(ApiVersion, version) >= 0;

    /// <summary>Sends a request and reads the whole JSON answer.</summary>
    /// <exception cref="EngineException">The engine refused.</exception>
    /// <exception cref="EngineUnreachableException">No engine answered.</exception>
    /// <param name="path">Path with query, without the version, such as <c>/services?status=true</c>.</param>
    public JsonElement Get(string path)
    {
        using var response = Send("GET", path);
        return response.ReadJson();
    }

    /// <summary>As <see cref="Get(string)"/>, the answer as the bytes that came.</summary>
    /// <param name="path">Path with query.</param>
    public byte[] GetBytes(string path)
    {
        using var response = Send("GET", path);
        return response.ReadBytes();
    }

    /// <summary>Posts JSON and reads the whole JSON answer (JSON null when it is empty).</summary>
    /// <param name="path">Path with query.</param>
    /// <param name="body">What to send; null sends an empty body.</param>
    /// <param name="headers">Further headers, such as <c>X-Registry-Auth</c>.</param>
    public JsonElement Post(string path, JsonNode? body = null, IEnumerable<KeyValuePair<string, string>>? headers = null)
    {
        using var response = Send("POST", path, body, headers);
        var bytes = response.ReadBytes();
        return bytes.Length == 0 || response.Header("Content-Type")?.StartsWith("application/json", StringComparison.Ordinal) != true
            ? JsonElement.Parse("null"u8)
            : response.ReadJson();
    }

    /// <summary>Sends DELETE and drops the answer's body.</summary>
    /// <param name="path">Path with query.</param>
    public void Delete(string path)
    {
        using var response = Send("DELETE", path);
        _ = response.ReadBytes();
    }

    /// <summary>Sends a request; the answer's body is read by the caller as it comes.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="path">Path with query, without the version.</param>
    /// <param name="body">JSON to send, or null.</param>
    /// <param name="headers">Further headers.</param>
    public EngineResponse Send(string method, string path, JsonNode? body = null, IEnumerable<KeyValuePair<string, string>>? headers = null)
    {
        var bytes = body is null ? [] : Encoding.UTF8.GetBytes(body.ToJsonString());
        return ThrowIfError(Exchange(method, Versioned(path), connection =>
            connection.WriteRequest(method, Versioned(path), bytes, body is null ? null : "application/json", headers)));
    }

    /// <summary>Sends a stream (an image archive) in chunks.</summary>
    /// <param name="path">Path with query.</param>
    /// <param name="body">Read to its end.</param>
    /// <param name="contentType">Such as <c>application/x-tar</c>.</param>
    /// <param name="headers">Further headers.</param>
    public EngineResponse SendStream(string path, Stream body, string contentType, IEnumerable<KeyValuePair<string, string>>? headers = null)
    {
        var target = Versioned(path);
        // A broken connection cannot be tried again once the stream has been read from: start on a fresh one.
        Drop();
        return ThrowIfError(Exchange("POST", target, connection => connection.WriteRequest("POST", target, body, contentType, headers)));
    }

    /// <summary>Upgrades a connection to a raw stream in both directions (attach, exec start).</summary>
    /// <param name="path">Path with query.</param>
    /// <param name="body">JSON to send, or null.</param>
    /// <param name="response">Status and headers of the answer.</param>
    public Stream Hijack(string path, JsonNode? body, out EngineResponse response)
    {
        var target = Versioned(path);
        var bytes = body is null ? [] : Encoding.UTF8.GetBytes(body.ToJsonString());
        KeyValuePair<string, string>[] upgrade = [new("Connection", "Upgrade"), new("Upgrade", "tcp")];
        response = ThrowIfError(Exchange("POST", target, connection => connection.WriteRequest("POST", target, bytes, "application/json", upgrade)));
        var hijacked = _connection!;
        _connection = null;
        return hijacked.Hijack();
    }

    /// <summary>Sends <c>HEAD /_ping</c>: the answer's headers tell version and swarm state.</summary>
    public EngineResponse Ping() => Exchange("HEAD", "/_ping", connection => connection.WriteRequest("HEAD", "/_ping", default(ReadOnlySpan<byte>), null, null));

    /// <inheritdoc/>
    public void Dispose() => Drop();

    private static int Compare(string a, string b) =>
        Version.TryParse(a, out var left) && Version.TryParse(b, out var right) ? left.CompareTo(right) : string.CompareOrdinal(a, b);

    private static EngineResponse ThrowIfError(EngineResponse response)
    {
        if (response.Status < 400)
        {
            return response;
        }

        using (response)
        {
            throw new EngineException(response.Status, ErrorMessage(response));
        }
    }

    private static string ErrorMessage(EngineResponse response)
    {
        var text = response.ReadText();
        if (text.StartsWith('{'))
        {
            try
            {
                using var document = JsonDocument.Parse(text);
                if (document.RootElement.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.String)
                {
                    return message.GetString()!.Trim();
                }
            }
            catch (JsonException)
            {
                // Not the engine's error shape: shown as it came.
            }
        }

        return text.Trim() is { Length: > 0 } plain ? plain : $"the request was refused with status {response.Status}";
    }

    private string Versioned(string path) => $"/v{ApiVersion}{path}";

    private string Negotiate()
    {
        using var response = Ping();
        var engine = response.Header("Api-Version");
        return engine is null || Compare(engine, NewestApiVersion) > 0 ? NewestApiVersion : engine;
    }

    private EngineResponse Exchange(string method, string target, Action<HttpConnection> write)
    {
        if (_connection is { Reusable: false })
        {
            Drop();
        }

        var fresh = _connection is null;
        try
        {
            _connection ??= Connect();
            write(_connection);
            return _connection.ReadResponse(method);
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            Drop();

            // The engine may have closed an idle connection; only a request that changes nothing is sent twice.
            if (!fresh && method is "GET" or "HEAD")
            {
                return Exchange(method, target, write);
            }

            throw new EngineUnreachableException(Host, $"error during connect: {method} http://{Host.Address}{target}: {error.Message}", error);
        }
    }

    private HttpConnection Connect()
    {
        try
        {
            return HttpConnection.Open(Host);
        }
        catch (IOException error)
        {
            var why = error.HResult == (int)Errno.EACCES ? "permission denied" : "Is the daemon running? It is started with: swarm daemon";
            throw new EngineUnreachableException(Host, $"Cannot connect to the swarm daemon at {Host}. {why}", error);
        }
    }

    private void Drop()
    {
        _connection?.Dispose();
        _connection = null;
    }
}
