using System.Text;
using SwarmNet.Linux;

namespace SwarmNet.Cli.Lab;

/// <summary>Removes everything of a lab, whatever state a crash left it in.</summary>
internal static class LabTeardown
{
    public static async Task DownAsync(LabPaths paths)
    {
        var hosts = LabState.TryLoad(paths)?.Nodes.Where(n => n.Host.IsAlive).Select(n => n.Host.Pid).ToHashSet() ?? [];
        hosts.UnionWith(FindHosts(paths.Lab));
        foreach (var pid in hosts)
        {
            await KillAndWaitAsync(pid).ConfigureAwait(false);
        }

        await CgroupHierarchies.Detect().Open(paths.CgroupParent)
            .KillAndRemoveAsync(TimeSpan.FromSeconds(10), TimeProvider.System).ConfigureAwait(false);
        MountTable.UnmountBelow(paths.Folder);
        if (Directory.Exists(paths.Folder))
        {
            Directory.Delete(paths.Folder, recursive: true);
        }
    }

    /// <summary>Ends a host: the kernel kills everything in its process namespace with its first process.</summary>
    public static async Task KillAndWaitAsync(int pid)
    {
        var mark = ProcessMark.Of(pid);
        _ = Libc.kill(pid, Libc.SIGKILL);
        var deadline = Environment.TickCount64 + 10_000;
        while (mark.IsAlive)
        {
            if (Environment.TickCount64 > deadline)
            {
                throw new LabException($"process {pid} does not end");
            }

            await Task.Delay(10).ConfigureAwait(false);
        }
    }

    /// <summary>Hosts of this lab by their command line: also those that an interrupted <c>up</c> did not record.</summary>
    public static IEnumerable<int> FindHosts(string lab)
    {
        var wanted = $"\0lab\0{LabHost.Verb}\0{lab}\0";
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out var pid) && CommandLine(pid).Contains(wanted, StringComparison.Ordinal))
            {
                yield return pid;
            }
        }
    }

    private static string CommandLine(int pid)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{pid}/cmdline"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
