namespace SwarmNet.Cli.Commands;

/// <summary>Image references as people write them.</summary>
internal static class ImageName
{
    /// <summary>Drops <c>@sha256:...</c> when a tag says enough.</summary>
    public static string WithoutDigest(string image)
    {
        var at = image.IndexOf('@', StringComparison.Ordinal);
        return at < 0 || !HasTag(image[..at]) ? image : Familiar(image[..at]);
    }

    /// <summary>Adds <c>:latest</c> where neither tag nor digest is given.</summary>
    public static string WithTag(string image) => image.Contains('@', StringComparison.Ordinal) || HasTag(image) || image.Length == 0 ? image : image + ":latest";

    /// <summary>True for a name that can be looked up in a registry.</summary>
    public static bool IsValid(string image) =>
        image.Length > 0 && image.AsSpan().IndexOfAny(" \t") < 0 && !RepositoryPath(image).Any(char.IsAsciiLetterUpper);

    public static bool HasTag(string image) => image.LastIndexOf(':') > image.LastIndexOf('/');

    private static string Familiar(string image) =>
        image.StartsWith("docker.io/library/", StringComparison.Ordinal) ? image["docker.io/library/".Length..]
        : image.StartsWith("docker.io/", StringComparison.Ordinal) ? image["docker.io/".Length..] : image;

    /// <summary>The name without registry host, tag and digest.</summary>
    private static string RepositoryPath(string image)
    {
        var at = image.IndexOf('@', StringComparison.Ordinal);
        var name = at < 0 ? image : image[..at];
        if (HasTag(name))
        {
            name = name[..name.LastIndexOf(':')];
        }

        var slash = name.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && (name[..slash].Contains('.', StringComparison.Ordinal) || name[..slash].Contains(':', StringComparison.Ordinal)
            || name[..slash] == "localhost") ? name[(slash + 1)..] : name;
    }
}
