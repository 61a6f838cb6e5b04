namespace SwarmNet.Linux;

/// <summary>The mounted cgroup hierarchies, and groups in them: one path means the same group in every hierarchy.</summary>
public sealed class CgroupHierarchies
{
    private readonly IReadOnlyList<string> _mountPoints;

    internal CgroupHierarchies(IReadOnlyList<string> v1, string? unified)
    {
        _mountPoints = unified is null ? v1 : [.. v1, unified];
        UnifiedMountPoint = unified;
        Mode = (v1.Count, unified) switch
        {
            (0, null) => CgroupMode.None,
            (0, _) => CgroupMode.Unified,
            (_, null) => CgroupMode.V1,
            _ => CgroupMode.Hybrid,
        };
    }

    /// <summary>What is mounted.</summary>
    public CgroupMode Mode { get; }

    /// <summary>Where cgroup2 is mounted, or null.</summary>
    public string? UnifiedMountPoint { get; }

    /// <summary>Mount points of all hierarchies.</summary>
    public IReadOnlyList<string> MountPoints => _mountPoints;

    /// <summary>Reads the mounts of the process.</summary>
    public static CgroupHierarchies Detect() => FromMounts(MountTable.List());

    /// <summary>Makes the group (with its parents) in every hierarchy; existing ones are fine.</summary>
    /// <param name="path">Relative to the roots, for example <c>swarmnet/task1</c>.</param>
    public Cgroup Create(string path)
    {
        Cgroup group = Open(path);
        group.Create();
        return group;
    }

    /// <summary>Names a group without making it.</summary>
    public Cgroup Open(string path)
    {
        string trimmed = path.Trim('/');
        if (trimmed.Length == 0 || trimmed.Split('/').Any(static part => part is "" or "." or ".."))
        {
            throw new ArgumentException($"'{path}' is not a cgroup path: it must name a group below the root, like 'a/b'.", nameof(path));
        }

        return new Cgroup(_mountPoints, trimmed);
    }

    internal static CgroupHierarchies FromMounts(IEnumerable<MountInfo> mounts)
    {
        var v1 = new List<string>();
        string? unified = null;
        foreach (MountInfo mount in mounts)
        {
            if (mount.FileSystemType == "cgroup" && !v1.Contains(mount.MountPoint))
            {
                v1.Add(mount.MountPoint);
            }
            else if (mount.FileSystemType == "cgroup2")
            {
                unified = mount.MountPoint;
            }
        }

        return new CgroupHierarchies(v1, unified);
    }
}
