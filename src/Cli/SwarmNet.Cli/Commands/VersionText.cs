using System.Globalization;
using System.Text.Json;
using SwarmNet.Cli.Specs;
using SwarmNet.EngineApi.Client;

namespace SwarmNet.Cli.Commands;

/// <summary>The text of <c>version</c>.</summary>
internal static class VersionText
{
    public static void Write(TextWriter output, string api, Json server)
    {
        output.Write("Client:\n");
        Field(output, " Version", 19, BuildInfo.Version);
        Field(output, " API version", 19, api == EngineClient.NewestApiVersion ? api : $"{api} (downgraded from {EngineClient.NewestApiVersion})");
        Field(output, " .NET version", 19, Environment.Version.ToString());
        Field(output, " Git commit", 19, BuildInfo.Commit);
        Field(output, " OS/Arch", 19, $"linux/{BuildInfo.Architecture}");
        if (!server.Exists)
        {
            return;
        }

        output.Write($"\nServer:{(server.Text("Platform", "Name") is { Length: > 0 } platform ? " " + platform : "")}\n");
        foreach (var component in server.Items("Components"))
        {
            WriteComponent(output, component);
        }
    }

    private static void WriteComponent(TextWriter output, Json component)
    {
        var name = component.Text("Name");
        output.Write($" {name}:\n");
        Field(output, "  Version", 19, component.Text("Version"));
        var details = component.At("Details");
        if (name != "Engine")
        {
            foreach (var detail in details.Properties().OrderBy(detail => detail.Name, StringComparer.Ordinal))
            {
                Field(output, "  " + detail.Name, 19, detail.Value.Text() ?? "");
            }

            return;
        }

        Field(output, "  API version", 19, $"{details.Text("ApiVersion")} (minimum version {details.Text("MinAPIVersion")})");
        if (details.Text("GoVersion").Length > 0)
        {
            Field(output, "  Go version", 19, details.Text("GoVersion"));
        }

        Field(output, "  Git commit", 19, details.Text("GitCommit"));
        Field(output, "  Built", 19, Built(details.Text("BuildTime")));
        Field(output, "  OS/Arch", 19, $"{details.Text("Os")}/{details.Text("Arch")}");
        Field(output, "  Experimental", 19, details.Text("Experimental") is { Length: > 0 } experimental ? experimental : "false");
    }

    private static string Built(string time) =>
        time.Contains('T', StringComparison.Ordinal) && DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, out var moment)
            ? moment.ToString("ddd MMM d HH:mm:ss yyyy", CultureInfo.InvariantCulture)
            : time;

    private static void Field(TextWriter output, string name, int width, string value) =>
        output.Write((name + ":").PadRight(width + 1) + value + "\n");
}
