using System.Globalization;
using System.Runtime.InteropServices;

namespace SwarmNet.EngineApi.Runtime;

/// <summary>What <c>GET /info</c> says about the machine, read from the kernel's files.</summary>
internal static class MachineFacts
{
    /// <summary>Release of the kernel, as <c>uname -r</c>.</summary>
    public static string KernelVersion => ReadLine("/proc/sys/kernel/osrelease");

    /// <summary>Name of the distribution.</summary>
    public static string OperatingSystem => OsRelease("PRETTY_NAME") is { Length: > 0 } name ? name : "Linux";

    /// <summary>Version of the distribution.</summary>
    public static string OperatingSystemVersion => OsRelease("VERSION_ID");

    /// <summary>Processor, as <c>uname -m</c>.</summary>
    public static string Architecture => RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "x86_64",
        System.Runtime.InteropServices.Architecture.Arm64 => "aarch64",
        System.Runtime.InteropServices.Architecture.Arm => "armv7l",
        var other => other.ToString().ToLowerInvariant(),
    };

    /// <summary>Processor, as Go spells it.</summary>
    public static string GoArchitecture => RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        var other => other.ToString().ToLowerInvariant(),
    };

    /// <summary>Memory in bytes.</summary>
    public static long MemoryBytes
    {
        get
        {
            foreach (var line in Lines("/proc/meminfo"))
            {
                if (line.StartsWith("MemTotal:", StringComparison.Ordinal)
                    && long.TryParse(line["MemTotal:".Length..].Trim().Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var kibibytes))
                {
                    return kibibytes * 1024;
                }
            }

            return 0;
        }
    }

    /// <summary>1 or 2.</summary>
    public static string CgroupVersion => File.Exists("/sys/fs/cgroup/cgroup.controllers") ? "2" : "1";

    /// <summary>True when the kernel offers the cgroup controller, in either version.</summary>
    public static bool HasController(string name) =>
        ReadLine("/sys/fs/cgroup/cgroup.controllers").Split(' ').Contains(name) || Directory.Exists($"/sys/fs/cgroup/{name}");

    /// <summary>True when the file holds a 1.</summary>
    public static bool IsOn(string path) => ReadLine(path) == "1";

    /// <summary>Open descriptors of this process.</summary>
    public static int OpenFiles => Directory.Exists("/proc/self/fd") ? Directory.EnumerateFileSystemEntries("/proc/self/fd").Count() : 0;

    private static string OsRelease(string key)
    {
        foreach (var line in Lines("/etc/os-release"))
        {
            if (line.StartsWith(key + "=", StringComparison.Ordinal))
            {
                return line[(key.Length + 1)..].Trim('"');
            }
        }

        return "";
    }

    private static string ReadLine(string path) => Lines(path).FirstOrDefault()?.Trim() ?? "";

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
