using System.Text;
using System.Text.Json;

namespace SwarmNet.EngineApi.Client;

/// <summary>One answer of the engine: status, headers, and a body that is read as it arrives.</summary>
/// <remarks>Read the body to its end, or dispose the response, before the next request is sent on the same client.</remarks>
public sealed class EngineResponse : IDisposable
{
    private readonly Dictionary<string, string> _headers;
    private byte[]? _content;

    internal EngineResponse(int status, Dictionary<string, string> headers, Stream body)
    {
        Status = status;
        _headers = headers;
        Body = body;
    }

    /// <summary>HTTP status code.</summary>
    public int Status { get; }

    /// <summary>The body, de-chunked. Ends at its length, at the last chunk, or when the engine closes.</summary>
    public Stream Body { get; }

    /// <summary>The value of a header, by any casing; null if the engine did not send it.</summary>
    /// <param name="name">Header name.</param>
    public string? Header(string name) => _headers.GetValueOrDefault(name);

    /// <summary>Reads the body to its end. The same bytes are returned on every call.</summary>
    public byte[] ReadBytes()
    {
        if (_content is null)
        {
            using var buffer = new MemoryStream();
            Body.CopyTo(buffer);
            _content = buffer.ToArray();
        }

        return _content;
    }

    /// <summary>Reads the body to its end as UTF-8 text.</summary>
    public string ReadText() => Encoding.UTF8.GetString(ReadBytes());

    /// <summary>Reads the body to its end as JSON; an empty body is JSON null.</summary>
    public JsonElement ReadJson()
    {
        var bytes = ReadBytes();
        return JsonDocument.Parse(bytes.Length == 0 ? "null"u8.ToArray() : bytes).RootElement;
    }

    /// <inheritdoc/>
    public void Dispose() => Body.Dispose();
}
