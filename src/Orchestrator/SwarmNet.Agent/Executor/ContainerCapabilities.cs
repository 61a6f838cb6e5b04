using SwarmNet.Agent.Tasks;

namespace SwarmNet.Agent.Executor;

/// <summary>Docker's default capabilities, and what <c>cap-add</c> and <c>cap-drop</c> make of them.</summary>
internal static class ContainerCapabilities
{
    private static readonly string[] Defaults =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID",
        "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE",
    ];

    // linux/capability.h, in order of their numbers.
    private static readonly string[] All =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
        "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW",
        "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT",
        "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD",
        "CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG",
        "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
    ];

    /// <summary>The set after adding and dropping; <c>ALL</c> is understood, the prefix <c>CAP_</c> optional.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<string> add, IEnumerable<string> drop)
    {
        var (added, dropped) = (add.Select(Normal).ToList(), drop.Select(Normal).ToList());
        var start = dropped.Contains("ALL") ? [] : added.Contains("ALL") ? All : Defaults;
        return [.. start.Concat(added.Contains("ALL") ? All : added).Where(c => c != "ALL").Distinct().Except(dropped)];
    }

    private static string Normal(string name)
    {
        var upper = name.ToUpperInvariant();
        var normal = upper == "ALL" || upper.StartsWith("CAP_", StringComparison.Ordinal) ? upper : "CAP_" + upper;
        return normal == "ALL" || All.Contains(normal) ? normal : throw new TaskException($"invalid capability: unknown capability: \"{normal}\"");
    }
}
