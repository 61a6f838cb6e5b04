using System.Text.Json.Nodes;
using SwarmNet.Cli.Specs;
using SwarmNet.EngineApi.Client;

namespace SwarmNet.Cli.Commands;

/// <summary>The engine as commands see it: <see cref="EngineClient"/> with answers as <see cref="Json"/>.</summary>
internal sealed class Engine : IDisposable
{
    private readonly EngineClient _client;

    public Engine(EngineHost host, string? apiVersion = null) => _client = new EngineClient(host, apiVersion);

    public EngineHost Host => _client.Host;

    public string ApiVersion => _client.ApiVersion;

    public bool Supports(string version) => _client.Supports(version);

    public Json Get(string path) => new(_client.Get(path));

    public byte[] GetBytes(string path) => _client.GetBytes(path);

    public Json Post(string path, JsonNode? body = null, IEnumerable<KeyValuePair<string, string>>? headers = null) => new(_client.Post(path, body, headers));

    public void Delete(string path) => _client.Delete(path);

    public EngineResponse Send(string method, string path, JsonNode? body = null, IEnumerable<KeyValuePair<string, string>>? headers = null) =>
        _client.Send(method, path, body, headers);

    public EngineResponse SendStream(string path, Stream body, string contentType, IEnumerable<KeyValuePair<string, string>>? headers = null) =>
        _client.SendStream(path, body, contentType, headers);

    public Stream Hijack(string path, JsonNode? body) => _client.Hijack(path, body, out _);

    public void Dispose() => _client.Dispose();
}
