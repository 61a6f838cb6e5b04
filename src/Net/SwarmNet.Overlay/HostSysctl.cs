using SwarmNet.Linux;

namespace SwarmNet.Overlay;

/// <summary>Kernel settings of a namespace that may be the process's own.</summary>
internal static class HostSysctl
{
    public static void Set(NetworkNamespace? ns, string name, string value)
    {
        if (ns is not null)
        {
            ns.SetSysctl(name, value);
            return;
        }

        using NetworkNamespace own = NetworkNamespace.OpenCurrent();
        own.SetSysctl(name, value);
    }

    /// <summary>Null when the kernel or the interface has no such setting.</summary>
    public static string? TryGet(NetworkNamespace? ns, string name)
    {
        if (ns is not null)
        {
            return ns.TryGetSysctl(name);
        }

        using NetworkNamespace own = NetworkNamespace.OpenCurrent();
        return own.TryGetSysctl(name);
    }

    /// <summary>As <see cref="Set"/>; false when the kernel or the interface has no such setting.</summary>
    public static bool TrySet(NetworkNamespace? ns, string name, string value)
    {
        try
        {
            Set(ns, name, value);
            return true;
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOENT)
        {
            return false;
        }
    }
}
