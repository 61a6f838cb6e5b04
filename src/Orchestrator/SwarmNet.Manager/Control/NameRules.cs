using System.Text.RegularExpressions;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Control;

/// <summary>What names are allowed, per kind.</summary>
internal static partial class NameRules
{
    /// <summary>Services and networks: one component of a DNS name.</summary>
    public static void CheckDnsName(Annotations? annotations)
    {
        if (string.IsNullOrEmpty(annotations?.Name))
        {
            throw Refuse.Invalid("meta: name must be provided");
        }

        if (!DnsName().IsMatch(annotations.Name))
        {
            throw Refuse.Invalid("name must be valid as a DNS name component");
        }

        if (annotations.Name.Length > 63)
        {
            throw Refuse.Invalid("name must be 63 characters or fewer");
        }
    }

    /// <summary>Secrets and configs: usable as a file name.</summary>
    public static void CheckFileName(Annotations? annotations)
    {
        if (string.IsNullOrEmpty(annotations?.Name))
        {
            throw Refuse.Invalid("name must be provided");
        }

        if (annotations.Name.Length > 64 || !FileName().IsMatch(annotations.Name))
        {
            throw Refuse.Invalid(
                "invalid name, only 64 [a-zA-Z0-9-_.] characters allowed, and the start and end character must be [a-zA-Z0-9]");
        }
    }

    // \z and not $: a final newline is no part of a name.
    [GeneratedRegex(@"\A[a-zA-Z0-9](?:[-_]*[A-Za-z0-9]+)*\z", RegexOptions.NonBacktracking)]
    private static partial Regex DnsName();

    [GeneratedRegex(@"\A[a-zA-Z0-9]+(?:[a-zA-Z0-9\-_.]*[a-zA-Z0-9])?\z", RegexOptions.NonBacktracking)]
    private static partial Regex FileName();
}
