using System.Text.Json;

namespace SwarmNet.Agent.Images;

/// <summary>The Dockerfile instructions that <c>import --change</c> takes, applied to an image's defaults.</summary>
internal static class ImageChanges
{
    /// <summary>The defaults after <paramref name="changes"/>, each one instruction.</summary>
    /// <exception cref="ImageException">An instruction that is unknown or incomplete.</exception>
    public static ImageConfig Apply(ImageConfig config, IEnumerable<string> changes) => changes.Aggregate(config, Apply);

    private static ImageConfig Apply(ImageConfig config, string change)
    {
        var parts = change.Trim().Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts.Length < 2)
        {
            throw new ImageException(ImageError.Invalid, $"the change \"{change}\" has no argument");
        }

        var (keyword, argument) = (parts[0].ToUpperInvariant(), parts[1]);
        return keyword switch
        {
            "CMD" => config with { Cmd = CommandLine(argument) },
            "ENTRYPOINT" => config with { Entrypoint = CommandLine(argument) },
            "ENV" => config with { Env = [.. config.Env ?? [], .. Pairs(argument).Select(p => $"{p.Key}={p.Value}")] },
            "LABEL" => config with { Labels = With(config.Labels, Pairs(argument)) },
            "WORKDIR" => config with { WorkingDir = argument },
            "USER" => config with { User = argument },
            "STOPSIGNAL" => config with { StopSignal = argument },
            "EXPOSE" => config with { ExposedPorts = With(config.ExposedPorts, Words(argument).Select(w => Empty(w.Contains('/') ? w : w + "/tcp"))) },
            "VOLUME" => config with { Volumes = With(config.Volumes, (Array(argument) ?? Words(argument)).Select(Empty)) },
            _ => throw new ImageException(ImageError.Invalid, $"{keyword} is not a valid change command"),
        };
    }

    private static string[] CommandLine(string argument) => Array(argument) ?? ["/bin/sh", "-c", argument];

    private static string[]? Array(string argument)
    {
        if (!argument.StartsWith('['))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(argument, ImageJson.Default.StringArray);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string[] Words(string argument) => argument.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    // "A=1 B=2", "A=\"b c\"" or the old "A b c".
    private static IEnumerable<KeyValuePair<string, string>> Pairs(string argument)
    {
        if (!argument.Split(' ')[0].Contains('='))
        {
            var space = argument.Split(' ', 2);
            return [KeyValuePair.Create(space[0], space.ElementAtOrDefault(1)?.Trim() ?? "")];
        }

        var pairs = new List<KeyValuePair<string, string>>();
        var rest = argument;
        while (rest.Length > 0)
        {
            var equals = rest.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                throw new ImageException(ImageError.Invalid, $"\"{rest}\" is not of the form NAME=value");
            }

            var isQuoted = rest.AsSpan(equals + 1) is ['"', ..];
            var start = equals + (isQuoted ? 2 : 1);
            var end = rest.IndexOf(isQuoted ? '"' : ' ', start);
            end = end < 0 ? rest.Length : end;
            pairs.Add(KeyValuePair.Create(rest[..equals], rest[start..end]));
            rest = end < rest.Length ? rest[(end + 1)..].TrimStart() : "";
        }

        return pairs;
    }

    private static KeyValuePair<string, JsonElement> Empty(string key) => KeyValuePair.Create(key, JsonDocument.Parse("{}").RootElement);

    private static Dictionary<string, T> With<T>(IReadOnlyDictionary<string, T>? old, IEnumerable<KeyValuePair<string, T>> added)
    {
        var all = new Dictionary<string, T>(old ?? new Dictionary<string, T>());
        foreach (var (key, value) in added)
        {
            all[key] = value;
        }

        return all;
    }
}
