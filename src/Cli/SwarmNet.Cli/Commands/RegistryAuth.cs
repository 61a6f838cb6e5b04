using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using SwarmNet.Cli.Specs;

namespace SwarmNet.Cli.Commands;

/// <summary>Credentials of <c>docker login</c> (config.json, without credential helpers), as the engine takes them: X-Registry-Auth.</summary>
internal static class RegistryAuth
{
    private const string DockerHub = "https://index.docker.io/v1/";

    /// <summary>The header for an image's registry; empty when nothing is known of it.</summary>
    public static KeyValuePair<string, string>[] Headers(string image)
    {
        var folder = Environment.GetEnvironmentVariable("DOCKER_CONFIG") is { Length: > 0 } own
            ? own
            : Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "/", ".docker");
        var file = Path.Combine(folder, "config.json");
        return File.Exists(file) ? FromConfig(File.ReadAllText(file), image) : [];
    }

    internal static KeyValuePair<string, string>[] FromConfig(string config, string image)
    {
        var server = Server(image);
        foreach (var entry in Json.Parse(config).Properties("auths"))
        {
            var text = entry.Value.Text("auth");
            if (entry.Name.TrimEnd('/') != server.TrimEnd('/') || text.Length == 0)
            {
                continue;
            }

            var pair = Encoding.UTF8.GetString(Convert.FromBase64String(text));
            var colon = pair.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
            {
                continue;
            }

            var auth = new JsonObject { ["username"] = pair[..colon], ["password"] = pair[(colon + 1)..], ["serveraddress"] = entry.Name };
            return [new("X-Registry-Auth", Base64Url.EncodeToString(Encoding.UTF8.GetBytes(auth.ToJsonString())))];
        }

        return [];
    }

    private static string Server(string image)
    {
        var slash = image.IndexOf('/', StringComparison.Ordinal);
        var first = slash > 0 ? image[..slash] : "";
        return first.Contains('.', StringComparison.Ordinal) || first.Contains(':', StringComparison.Ordinal) || first == "localhost" ? first : DockerHub;
    }
}
