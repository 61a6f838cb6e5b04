namespace SwarmNet.Agent.Executor;

/// <summary>The cgroups of containers, whichever hierarchy the host has; only to look and to clean up: the runtime makes them.</summary>
internal static class Cgroups
{
    private const string Root = "/sys/fs/cgroup";

    /// <summary>Whether the host has only the version 2 hierarchy.</summary>
    public static bool IsVersion2 => File.Exists(Root + "/cgroup.controllers");

    /// <summary>Whether swap can be limited.</summary>
    public static bool HasSwapLimit => IsVersion2 || File.Exists(Root + "/memory/memory.memsw.limit_in_bytes");

    /// <summary>Removes the cgroup from every hierarchy; the kernel refuses while anything runs in it.</summary>
    public static void Remove(string path)
    {
        foreach (var folder in Folders(path))
        {
            RemoveTree(folder);
        }
    }

    /// <summary>The folders of the cgroup that exist.</summary>
    public static IEnumerable<string> Folders(string path)
    {
        var relative = path.TrimStart('/');
        return Directory.GetDirectories(Root).Append(Root).Select(hierarchy => Path.Combine(hierarchy, relative)).Where(Directory.Exists);
    }

    private static void RemoveTree(string folder)
    {
        try
        {
            foreach (var child in Directory.GetDirectories(folder))
            {
                RemoveTree(child);
            }

            Directory.Delete(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Busy, or gone: the files in it are the kernel's.
        }
    }
}
