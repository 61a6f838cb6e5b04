using System.Net.NetworkInformation;
using System.Text;

namespace SwarmNet.Cluster.Tests;

/// <summary>What of this machine a lab could leave behind.</summary>
internal sealed record MachineState(IReadOnlySet<string> Links, IReadOnlySet<string> Cgroups, IReadOnlySet<string> Processes)
{
    public static MachineState Capture() => new(
        NetworkInterface.GetAllNetworkInterfaces().Select(i => i.Name).ToHashSet(),
        Directory.EnumerateDirectories("/sys/fs/cgroup").SelectMany(Below).ToHashSet(),
        Directory.EnumerateDirectories("/proc").Where(f => int.TryParse(Path.GetFileName(f), out _)).Select(CommandLine).ToHashSet());

    private static IEnumerable<string> Below(string folder)
    {
        try
        {
            return Directory.GetDirectories(folder).Prepend(folder);
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private static string CommandLine(string folder)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(folder + "/cmdline")).Replace('\0', ' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
