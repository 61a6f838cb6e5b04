namespace SwarmNet.Linux;

/// <summary>Mounting and unmounting in the mount namespace of the process (mount(2), umount2(2)).</summary>
public static class MountTable
{
    /// <summary>mount(2). <paramref name="flags"/> are <c>Libc.MS_*</c>, <paramref name="data"/> the options of the file system.</summary>
    public static void Mount(string source, string target, string type, ulong flags = 0, string? data = null)
    {
        if (Libc.mount(source, target, type, flags, data) != 0)
        {
            LinuxException.ThrowLast($"mount {type} on {target}");
        }
    }

    /// <summary>Shows <paramref name="source"/> at <paramref name="target"/> too; both must exist and be of one kind (file or folder).</summary>
    public static void Bind(string source, string target, bool recursive = false, bool readOnly = false)
    {
        if (Libc.mount(source, target, null, Libc.MS_BIND | (recursive ? Libc.MS_REC : 0), null) != 0)
        {
            LinuxException.ThrowLast($"bind {source} to {target}");
        }

        // The first call ignores MS_RDONLY (mount(2), "Remounting an existing mount").
        if (readOnly && Libc.mount(null, target, null, Libc.MS_BIND | Libc.MS_REMOUNT | Libc.MS_RDONLY, null) != 0)
        {
            Errno errno = LinuxException.LastErrno;
            _ = Libc.umount2(target, Libc.MNT_DETACH);
            throw new LinuxException($"make {target} read-only", errno);
        }
    }

    /// <summary>Sets how mounts below <paramref name="target"/> propagate: MS_PRIVATE, MS_SLAVE, MS_SHARED (with everything below).</summary>
    public static void SetPropagation(string target, ulong flag)
    {
        if (Libc.mount(null, target, null, flag | Libc.MS_REC, null) != 0)
        {
            LinuxException.ThrowLast($"set propagation of {target}");
        }
    }

    /// <summary>Detaches what is mounted on <paramref name="target"/> (MNT_DETACH: also when busy); false when nothing is mounted there.</summary>
    public static bool Unmount(string target)
    {
        if (Libc.umount2(target, Libc.MNT_DETACH) == 0)
        {
            return true;
        }

        return LinuxException.LastErrno is Errno.EINVAL or Errno.ENOENT
            ? false
            : throw new LinuxException($"unmount {target}", LinuxException.LastErrno);
    }

    /// <summary>All mounts that the process sees, in the kernel's order (a later one hides an earlier one at the same place).</summary>
    public static IReadOnlyList<MountInfo> List()
    {
        var mounts = new List<MountInfo>();
        foreach (string line in File.ReadLines("/proc/self/mountinfo"))
        {
            if (MountInfo.TryParse(line, out MountInfo? mount))
            {
                mounts.Add(mount);
            }
        }

        return mounts;
    }

    /// <summary>Detaches all mounts at and below <paramref name="folder"/>, the last one first.</summary>
    public static void UnmountBelow(string folder)
    {
        string prefix = folder.TrimEnd('/') + "/";
        foreach (MountInfo mount in List().Reverse())
        {
            if (mount.MountPoint == folder || mount.MountPoint.StartsWith(prefix, StringComparison.Ordinal))
            {
                Unmount(mount.MountPoint);
            }
        }
    }
}
