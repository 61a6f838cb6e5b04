using System.Buffers;
using System.Text;
using System.Text.Json;
using SwarmNet.EngineApi.Json;

namespace SwarmNet.EngineApi.Tests.Support;

/// <summary>One recorded exchange with a stock engine.</summary>
internal sealed class GoldenFile
{
    private GoldenFile(string name, JsonElement root)
    {
        Name = name;
        var request = root.GetProperty("request");
        Method = request.GetProperty("method").GetString()!;
        Path = request.GetProperty("path").GetString()!;
        RequestBody = request.TryGetProperty("body", out var sent) && sent.ValueKind != JsonValueKind.Null
            ? sent.ValueKind == JsonValueKind.String ? sent.GetString() : sent.GetRawText()
            : null;
        Status = int.Parse(root.GetProperty("status").GetString()![..3]);
        Root = root;
    }

    public string Name { get; }

    public string Method { get; }

    public string Path { get; }

    public string? RequestBody { get; }

    public int Status { get; }

    public JsonElement Root { get; }

    public JsonElement Body => Root.GetProperty("body");

    /// <summary>The body as the engine sent it: compact, with Go's escapes.</summary>
    public string CompactBody => Root.TryGetProperty("raw", out var raw) ? raw.GetString()!.TrimEnd('\n') : Compact(Body);

    public static GoldenFile Load(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(System.IO.Path.Combine(Folder, name + ".json")));
        return new GoldenFile(name, document.RootElement.Clone());
    }

    public static IEnumerable<string> Names(string prefix) => Directory.EnumerateFiles(Folder, prefix + "*.json")
        .Select(path => System.IO.Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal);

    /// <summary>The sentence of an error's body.</summary>
    public static string? Message(string body)
    {
        using var document = JsonDocument.Parse(body);
        return document.RootElement.GetProperty("message").GetString();
    }

    public static string Compact(JsonElement element) => Write(json => element.WriteTo(json));

    public static string Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, GoJsonWriter.Options))
        {
            write(json);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static string Folder => System.IO.Path.Combine(TestContext.CurrentContext.TestDirectory, "Golden");
}
