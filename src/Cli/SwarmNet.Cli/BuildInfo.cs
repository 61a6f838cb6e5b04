using System.Reflection;
using System.Runtime.InteropServices;

namespace SwarmNet.Cli;

/// <summary>What this program is: shown by <c>version</c>.</summary>
internal static class BuildInfo
{
    /// <summary>The product's version, such as <c>0.1.0</c>.</summary>
    public static string Version => Informational.IndexOf('+', StringComparison.Ordinal) is > 0 and var plus ? Informational[..plus] : Informational;

    /// <summary>The commit it was built from, 7 characters; <c>unknown</c> outside a repository.</summary>
    public static string Commit =>
        Informational.IndexOf('+', StringComparison.Ordinal) is > 0 and var plus ? Informational[(plus + 1)..Math.Min(plus + 8, Informational.Length)] : "unknown";

    /// <summary>Architecture by Go's name.</summary>
    public static string Architecture => RuntimeInformation.ProcessArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
        var other => other.ToString(),
    };

    private static string Informational =>
        typeof(BuildInfo).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";
}
