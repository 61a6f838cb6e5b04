using System.Text.Json.Nodes;
using SwarmNet.Cli.CommandLine;
using SwarmNet.Cli.Specs;
using SwarmNet.EngineApi.Client;

namespace SwarmNet.Cli.Commands;

/// <summary>Asks the registry (through the engine) for an image's digest, so that every node runs the same bytes.</summary>
internal static class ImagePin
{
    /// <summary>Writes digest and platforms into the spec; when the registry cannot be asked, returns Docker's warning.</summary>
    public static string? Pin(Invocation invocation, JsonObject spec)
    {
        var template = spec.Child("TaskTemplate");
        var container = template.Child("ContainerSpec");
        var image = ImageName.WithTag((string?)container["Image"] ?? "");
        if (image.Contains('@', StringComparison.Ordinal) || !ImageName.IsValid(image))
        {
            return null;
        }

        // Docker's CLI sends "busybox:latest" for "busybox".
        container["Image"] = image;
        try
        {
            var answer = invocation.Context.Client.Get($"/distribution/{image}/json");
            var digest = answer.Text("Descriptor", "digest") is { Length: > 0 } lower ? lower : answer.Text("Descriptor", "Digest");
            if (digest.Length == 0)
            {
                return null;
            }

            container["Image"] = $"{image}@{digest}";
            var platforms = answer.Items("Platforms")
                .Select(platform => (
                    Architecture: platform.Text("architecture") is { Length: > 0 } a ? a : platform.Text("Architecture"),
                    Os: platform.Text("os") is { Length: > 0 } o ? o : platform.Text("OS")))
                .Where(platform => platform.Architecture != "unknown" && platform.Os != "unknown")
                .Select(platform => platform with { Architecture = platform.Architecture == "arm" ? "" : platform.Architecture })
                .Distinct().ToList();
            if (platforms.Count > 0)
            {
                template.Child("Placement")["Platforms"] = new JsonArray(
                    [.. platforms.Select(platform => new JsonObject { ["Architecture"] = platform.Architecture, ["OS"] = platform.Os })]);
            }
        }
        catch (EngineException)
        {
            return $"image {image} could not be accessed on a registry to record\nits digest. Each node will access {image} independently,\n"
                + "possibly leading to different nodes running different\nversions of the image.\n";
        }

        return null;
    }
}
