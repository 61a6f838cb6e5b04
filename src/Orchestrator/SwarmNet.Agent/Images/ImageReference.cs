using System.Text.RegularExpressions;

namespace SwarmNet.Agent.Images;

/// <summary>
/// An image's name in Docker's grammar (distribution/reference), normalised: <c>docker.io/library/busybox</c> and
/// <c>busybox</c> are the same repository, and a name without tag and digest means the tag <c>latest</c>.
/// </summary>
/// <param name="Repository">The familiar name: without <c>docker.io/</c> and <c>library/</c>.</param>
/// <param name="Tag">The tag; null when only a digest was given.</param>
/// <param name="Digest">The digest with its algorithm, or null.</param>
public sealed partial record ImageReference(string Repository, string? Tag, string? Digest)
{
    private const string DefaultDomain = "docker.io";

    /// <summary>The registry's host and port; <c>docker.io</c> when the name has none.</summary>
    public string Domain => SplitDomain(Repository).Domain;

    /// <summary>The repository's path in its registry, for example <c>library/busybox</c>.</summary>
    public string Path => SplitDomain(Repository) is var (domain, path) && domain == DefaultDomain && !path.Contains('/') ? $"library/{path}" : path;

    /// <summary><c>repository:tag</c>, as <c>docker images</c> shows it; null without a tag.</summary>
    public string? FamiliarTag => Tag is null ? null : $"{Repository}:{Tag}";

    /// <summary>Reads a name; false with Docker's sentence when it is not one.</summary>
    public static bool TryParse(string text, out ImageReference reference, out string error)
    {
        reference = null!;
        var match = Grammar().Match(text);
        if (!match.Success || match.Groups["name"].Length > 255)
        {
            error = Grammar().IsMatch(text.ToLowerInvariant()) && text.Any(char.IsAsciiLetterUpper)
                ? $"invalid reference format: repository name ({text.Split(':', '@')[0]}) must be lowercase"
                : "invalid reference format";
            return false;
        }

        var (domain, path) = SplitDomain(match.Groups["name"].Value);
        if (domain == DefaultDomain && path.StartsWith("library/", StringComparison.Ordinal) && path.Count(c => c == '/') == 1)
        {
            path = path["library/".Length..];
        }

        var digest = match.Groups["digest"] is { Success: true } d ? d.Value : null;
        var tag = match.Groups["tag"] is { Success: true } t ? t.Value : digest is null ? "latest" : null;
        reference = new ImageReference(domain == DefaultDomain ? path : $"{domain}/{path}", tag, digest);
        error = "";
        return true;
    }

    /// <inheritdoc />
    public override string ToString() => Repository + (Tag is null ? "" : $":{Tag}") + (Digest is null ? "" : $"@{Digest}");

    private static (string Domain, string Path) SplitDomain(string name)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        var first = slash < 0 ? "" : name[..slash];
        if (first.Length == 0 || (first != "localhost" && first.AsSpan().IndexOfAny('.', ':') < 0))
        {
            return (DefaultDomain, name);
        }

        return (first == "index.docker.io" ? DefaultDomain : first, name[(slash + 1)..]);
    }

    [GeneratedRegex(
        """
        ^(?<name>
           (?:(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::[0-9]+)?/)?
           [a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*)
         (?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?
         (?:@(?<digest>sha256:[0-9a-f]{64}))?\z
        """,
        RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant)]
    private static partial Regex Grammar();
}
