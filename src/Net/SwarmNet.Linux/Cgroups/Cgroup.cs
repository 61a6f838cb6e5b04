using System.Globalization;

namespace SwarmNet.Linux;

/// <summary>One control group: the same path in every mounted hierarchy.</summary>
public sealed class Cgroup
{
    private readonly IReadOnlyList<string> _mountPoints;

    internal Cgroup(IReadOnlyList<string> mountPoints, string path)
    {
        _mountPoints = mountPoints;
        Path = path;
    }

    /// <summary>Relative to the root of each hierarchy, without a leading slash.</summary>
    public string Path { get; }

    /// <summary>The folders that exist.</summary>
    public IEnumerable<string> Folders => _mountPoints.Select(FolderIn).Where(Directory.Exists);

    /// <summary>Numbers of the processes in it, in any hierarchy, groups below included.</summary>
    public IReadOnlySet<int> Processes
    {
        get
        {
            var pids = new HashSet<int>();
            foreach (string folder in Folders)
            {
                CollectProcesses(folder, pids);
            }

            return pids;
        }
    }

    /// <summary>Moves a process (with all its threads) into this group, in every hierarchy.</summary>
    public void AddProcess(int pid)
    {
        foreach (string folder in Folders)
        {
            Write(folder + "/cgroup.procs", pid.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Sends SIGKILL to every process in it and below.</summary>
    public void Kill()
    {
        foreach (int pid in Processes)
        {
            // 0 would be our own process group: a process of another pid namespace shows as 0.
            if (pid > 0)
            {
                _ = Libc.kill(pid, Libc.SIGKILL);
            }
        }
    }

    /// <summary>
    /// Removes the group and those below; absence is not an error. Throws <see cref="LinuxException"/> with EBUSY when processes are
    /// still in it.
    /// </summary>
    public void Remove()
    {
        foreach (string folder in Folders)
        {
            RemoveTree(folder);
        }
    }

    /// <summary>Kills what is inside until nothing is left, then removes the group. EBUSY when that takes longer than <paramref name="patience"/>.</summary>
    public async Task KillAndRemoveAsync(TimeSpan patience, TimeProvider time, CancellationToken cancellationToken = default)
    {
        long start = time.GetTimestamp();
        while (true)
        {
            Kill();
            try
            {
                Remove();
                return;
            }
            catch (LinuxException e) when (e.Errno == Errno.EBUSY && time.GetElapsedTime(start) < patience)
            {
                // A killed process leaves its group only when it is dead, and forks may have slipped through.
                await Task.Delay(TimeSpan.FromMilliseconds(5), time, cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Path;

    internal void Create()
    {
        foreach (string mountPoint in _mountPoints)
        {
            string folder = mountPoint;
            foreach (string part in Path.Split('/'))
            {
                string parent = folder;
                folder += "/" + part;
                if (Libc.mkdir(folder, 0x1ed) == 0) // 0755
                {
                    InheritCpuset(parent, folder);
                }
                else if (LinuxException.LastErrno != Errno.EEXIST)
                {
                    LinuxException.ThrowLast($"create cgroup {folder}");
                }
            }
        }
    }

    /// <summary>A new v1 cpuset has no CPU and no memory node, and takes no process until it has (cpuset(7)).</summary>
    private static void InheritCpuset(string parent, string folder)
    {
        foreach (string file in new[] { "/cpuset.cpus", "/cpuset.mems" })
        {
            if (File.Exists(folder + file) && !File.Exists(folder + "/cgroup.type") && File.ReadAllText(folder + file).Trim().Length == 0)
            {
                Write(folder + file, File.ReadAllText(parent + file).Trim());
            }
        }
    }

    private static void CollectProcesses(string folder, HashSet<int> pids)
    {
        try
        {
            foreach (string line in File.ReadLines(folder + "/cgroup.procs"))
            {
                if (int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out int pid))
                {
                    pids.Add(pid);
                }
            }

            foreach (string child in Directory.GetDirectories(folder))
            {
                CollectProcesses(child, pids);
            }
        }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException || (e is IOException && (e.HResult & 0xffff) == (int)Errno.ENODEV))
        {
            // Removed while we looked (a read in a dead group is ENODEV): nothing is in it.
        }
    }

    private static void RemoveTree(string folder)
    {
        string[] children;
        try
        {
            children = Directory.GetDirectories(folder);
        }
        catch (DirectoryNotFoundException)
        {
            return;
        }

        foreach (string child in children)
        {
            RemoveTree(child);
        }

        if (Libc.rmdir(folder) != 0 && LinuxException.LastErrno != Errno.ENOENT)
        {
            LinuxException.ThrowLast($"remove cgroup {folder}");
        }
    }

    private static unsafe void Write(string file, string text)
    {
        using FileDescriptor fd = Libc.open(file, Libc.O_WRONLY | Libc.O_CLOEXEC, 0).OrThrow($"open {file}");
        byte[] bytes = System.Text.Encoding.ASCII.GetBytes(text);
        fixed (byte* p = bytes)
        {
            if (Libc.write(fd, p, (nuint)bytes.Length) != bytes.Length)
            {
                LinuxException.ThrowLast($"write {text} to {file}");
            }
        }
    }

    private string FolderIn(string mountPoint) => mountPoint + "/" + Path;
}
