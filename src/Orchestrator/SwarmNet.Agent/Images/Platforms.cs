using System.Runtime.InteropServices;

namespace SwarmNet.Agent.Images;

/// <summary>This machine's platform in the spellings of others.</summary>
internal static class Platforms
{
    /// <summary>As images spell it (Go's <c>GOARCH</c>).</summary>
    public static string GoArchitecture => RuntimeInformation.OSArchitecture switch
    {
        Architecture.X64 => "amd64",
        Architecture.Arm64 => "arm64",
        Architecture.Arm => "arm",
        Architecture.X86 => "386",
        var other => other.ToString().ToLowerInvariant(),
    };

    /// <summary>As node descriptions spell it (<c>uname -m</c>).</summary>
    public static string MachineArchitecture => RuntimeInformation.OSArchitecture switch
    {
        Architecture.X64 => "x86_64",
        Architecture.Arm64 => "aarch64",
        Architecture.Arm => "armv7l",
        Architecture.X86 => "i686",
        var other => other.ToString().ToLowerInvariant(),
    };
}
