using System.Text;
using SwarmNet.Linux;

namespace SwarmNet.Cli.Lab;

/// <summary>
/// The first process of a lab's host: it holds the host's namespaces, sets up what a booting host would, and reaps orphans until it is
/// killed; with it, the kernel ends every process of the host and frees every mount and link.
/// </summary>
internal static class LabHost
{
    /// <summary>Hidden verb: <c>swarm lab host-init LAB NODE</c>, started in new namespaces. The lab's name on the command line lets <c>down</c> find a host that was never recorded.</summary>
    public const string Verb = "host-init";

    public static int Run(string[] args)
    {
        var paths = new LabPaths(args[0]);
        var node = args[1];
        MountTable.SetPropagation("/", Libc.MS_PRIVATE);
        SetHostname(node);
        MountTable.Mount("proc", "/proc", "proc", Libc.MS_NOSUID | Libc.MS_NODEV | Libc.MS_NOEXEC);
        foreach (var file in new[] { "hosts", "hostname", "resolv.conf" })
        {
            MountTable.Bind(Path.Combine(paths.NodeEtc(node), file), "/etc/" + file);
        }

        File.WriteAllText("/proc/sys/net/ipv4/ip_forward", "1");
        File.WriteAllText(paths.NodeReady(node), "");
        ReapForEver();
        return 0;
    }

    private static unsafe void ReapForEver()
    {
        while (true)
        {
            int status;
            if (Libc.waitpid(-1, &status, 0) < 0)
            {
                // No child yet: processes that enter from outside become ours when their parents go.
                Thread.Sleep(100);
            }
        }
    }

    private static unsafe void SetHostname(string name)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        fixed (byte* p = bytes)
        {
            if (Libc.sethostname(p, (nuint)bytes.Length) != 0)
            {
                throw new LinuxException("set the hostname", LinuxException.LastErrno);
            }
        }
    }
}
