using System.Runtime.InteropServices;
using SwarmNet.Linux;

namespace SwarmNet.Cli.Lab;

/// <summary>Starts processes inside a lab's hosts, and on its switch.</summary>
internal static class LabEnter
{
    private static readonly (string Name, int Type)[] HostNamespaces =
    [
        ("net", Libc.CLONE_NEWNET), ("uts", Libc.CLONE_NEWUTS), ("ipc", Libc.CLONE_NEWIPC), ("pid", Libc.CLONE_NEWPID), ("mnt", Libc.CLONE_NEWNS),
    ];

    /// <summary>This program, as a command line: the binary itself, or the runtime with its assembly.</summary>
    public static (string FileName, IReadOnlyList<string> Arguments) Self
    {
        get
        {
            var process = Environment.ProcessPath ?? throw new LabException("cannot tell which program this is");
            return Path.GetFileNameWithoutExtension(process) == "dotnet"
                ? (process, [typeof(LabEnter).Assembly.Location])
                : (process, []);
        }
    }

    /// <summary>Runs a command in a host (or outside) on this terminal; its exit code, 128 + signal when a signal ended it.</summary>
    public static async Task<int> ExecAsync(LabPaths paths, string host, IReadOnlyList<string> command)
    {
        if (command.Count == 0)
        {
            throw new LabException($"swarm lab exec needs a command: swarm lab exec {host} -- COMMAND [ARG...]");
        }

        var state = LabState.Load(paths);
        var environment = EnvironmentOf(paths, host);
        var options = new NamespacedProcessOptions
        {
            FileName = Locate(command[0], environment["PATH"]),
            Arguments = [.. command.Skip(1)],
            Environment = environment,
            WorkingDirectory = Environment.CurrentDirectory,
        };
        // The child shares our terminal: an interrupt is for it, and we report how it ended.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        try
        {
            using var process = host == LabPaths.Outside
                ? await StartOnSwitchAsync(paths, options).ConfigureAwait(false)
                : await StartInHostAsync(state.Node(host), options).ConfigureAwait(false);
            return (await process.WaitForExitAsync().ConfigureAwait(false)).ShellCode;
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOENT or Errno.EACCES)
        {
            throw new LabException($"cannot run \"{command[0]}\" in {host}: {(e.Errno == Errno.ENOENT ? "there is no such program" : "it is not executable")}");
        }
    }

    public static async Task<NamespacedProcess> StartInHostAsync(LabNode node, NamespacedProcessOptions options)
    {
        if (!node.Host.IsAlive)
        {
            throw new LabException($"{node.Name} is powered off (start it: swarm lab start {node.Name})");
        }

        var namespaces = new List<NamespaceToEnter>();
        try
        {
            foreach (var (name, type) in HostNamespaces)
            {
                var path = $"/proc/{node.Host.Pid}/ns/{name}";
                namespaces.Add(new NamespaceToEnter(Libc.open(path, Libc.O_RDONLY | Libc.O_CLOEXEC, 0).OrThrow($"open {path}"), type));
            }

            return await NamespacedProcess.StartAsync(With(options, namespaces)).ConfigureAwait(false);
        }
        finally
        {
            namespaces.ForEach(n => n.Descriptor.Dispose());
        }
    }

    private static async Task<NamespacedProcess> StartOnSwitchAsync(LabPaths paths, NamespacedProcessOptions options)
    {
        using var ns = NetworkNamespace.Open(paths.Switch);
        return await NamespacedProcess.StartAsync(With(options, [new NamespaceToEnter(ns.Descriptor, Libc.CLONE_NEWNET)])).ConfigureAwait(false);
    }

    private static NamespacedProcessOptions With(NamespacedProcessOptions options, IReadOnlyList<NamespaceToEnter> enter) => new()
    {
        FileName = options.FileName,
        Arguments = options.Arguments,
        Environment = options.Environment,
        WorkingDirectory = options.WorkingDirectory,
        StandardInput = options.StandardInput,
        StandardOutput = options.StandardOutput,
        StandardError = options.StandardError,
        NewSession = options.NewSession,
        Enter = enter,
    };

    /// <summary>Searches the PATH that the command will have, which is not ours; hosts share this machine's file system.</summary>
    private static string Locate(string program, string path) => program.Contains('/', StringComparison.Ordinal)
        ? program
        : path.Split(':').Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists) ?? program;

    /// <summary>Ours, with this binary on the PATH and the host's socket as the one that clients talk to.</summary>
    private static Dictionary<string, string> EnvironmentOf(LabPaths paths, string host)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            environment[(string)entry.Key] = (string?)entry.Value ?? "";
        }

        environment["PATH"] = $"{AppContext.BaseDirectory.TrimEnd('/')}:{environment.GetValueOrDefault("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")}";
        if (host != LabPaths.Outside)
        {
            environment["SWARM_HOST"] = environment["DOCKER_HOST"] = "unix://" + paths.NodeSocket(host);
            environment["HOSTNAME"] = host;
        }

        return environment;
    }
}
