using System.Text.Json;
using SwarmNet.Agent.Images;
using SwarmNet.EngineApi.Json;

namespace SwarmNet.EngineApi.Runtime;

/// <summary>Images as <c>GET /images</c> shows them.</summary>
internal static class ImageJson
{
    public static void WriteSummary(Utf8JsonWriter json, ImageRecord image)
    {
        json.WriteStartObject();
        json.WriteNumber("Containers", -1);
        json.WriteNumber("Created", image.Config.Created?.ToUnixTimeSeconds() ?? 0);
        json.WriteString("Id", image.Id);
        json.MapOrNull("Labels", image.Config.Config?.Labels ?? new Dictionary<string, string>());
        json.WriteString("ParentId", "");
        json.StringList("RepoDigests", image.RepoDigests);
        json.StringList("RepoTags", image.RepoTags);
        json.WriteNumber("SharedSize", -1);
        json.WriteNumber("Size", image.SizeBytes);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, ImageRecord image)
    {
        var config = image.Config;
        json.WriteStartObject();
        json.WriteString("Id", image.Id);
        json.StringList("RepoTags", image.RepoTags);
        json.StringList("RepoDigests", image.RepoDigests);
        json.WriteString("Parent", "");
        json.WriteString("Comment", "");
        json.WriteString("Created", config.Created is { } created ? GoTime.Format(created) : GoTime.Zero);
        json.WriteString("DockerVersion", "");
        json.WriteString("Author", config.Author ?? "");
        WriteConfig(json, image);
        json.WriteString("Architecture", config.Architecture);
        json.WriteString("Os", config.Os);
        json.WriteNumber("Size", image.SizeBytes);
        json.WriteStartObject("GraphDriver");
        json.WriteNull("Data");
        json.WriteString("Name", "overlayfs");
        json.WriteEndObject();
        json.WriteStartObject("RootFS");
        json.WriteString("Type", config.RootFs.Type);
        json.StringList("Layers", config.RootFs.DiffIds);
        json.WriteEndObject();
        json.WriteStartObject("Metadata");
        json.WriteString("LastTagTime", GoTime.Zero);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static void WriteHistory(Utf8JsonWriter json, ImageRecord image)
    {
        json.WriteStartArray();
        var isNewest = true;
        foreach (var step in (image.Config.History ?? []).Reverse())
        {
            json.WriteStartObject();
            json.WriteString("Id", isNewest ? image.Id : "<missing>");
            json.WriteNumber("Created", DateTimeOffset.TryParse(Text(step, "created"), out var created) ? created.ToUnixTimeSeconds() : 0);
            json.WriteString("CreatedBy", Text(step, "created_by"));
            if (isNewest)
            {
                json.StringList("Tags", image.RepoTags);
            }
            else
            {
                json.WriteNull("Tags");
            }

            json.WriteNumber("Size", 0);
            json.WriteString("Comment", Text(step, "comment"));
            json.WriteEndObject();
            isNewest = false;
        }

        json.WriteEndArray();
    }

    // Passed through as it was built: clients read members that this engine does not use.
    private static void WriteConfig(Utf8JsonWriter json, ImageRecord image)
    {
        using var document = JsonDocument.Parse(image.ConfigJson);
        if (document.RootElement.TryGetProperty("config", out var config))
        {
            json.WritePropertyName("Config");
            config.WriteTo(json);
        }
        else
        {
            json.WriteNull("Config");
        }
    }

    private static string Text(JsonElement step, string name) =>
        step.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";
}
