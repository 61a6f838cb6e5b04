using Microsoft.Win32.SafeHandles;
using SwarmNet.Linux;

namespace SwarmNet.Cli.Lab;

/// <summary>Starts labs, hosts and daemons.</summary>
internal static class LabSetup
{
    private static readonly TimeSpan BootPatience = TimeSpan.FromSeconds(20);

    public static async Task UpAsync(LabPaths paths, int nodes, TextWriter output)
    {
        if (LabState.TryLoad(paths) is not null)
        {
            throw new LabException($"lab \"{paths.Lab}\" is there already (swarm lab status --name {paths.Lab}; end it: swarm lab down --name {paths.Lab})");
        }

        Directory.CreateDirectory(paths.Folder);
        var state = new LabState
        {
            Name = paths.Lab,
            Nodes = [.. Enumerable.Range(1, nodes).Select(n => new LabNode { Name = $"node{n}", Address = LabPaths.NodeAddress(n), Address6 = LabPaths.NodeAddress6(n) })],
        };
        state.Save(paths);
        try
        {
            LabLinks.CreateSwitch(paths);
            foreach (var node in state.Nodes)
            {
                await BootAsync(paths, state, node).ConfigureAwait(false);
            }

            await Task.WhenAll(state.Nodes.Select(node => StartDaemonAsync(paths, state, node))).ConfigureAwait(false);
        }
        catch
        {
            await LabTeardown.DownAsync(paths).ConfigureAwait(false);
            throw;
        }

        LabView.Status(paths, output);
    }

    public static async Task StartAsync(LabPaths paths, string host)
    {
        var state = LabState.Load(paths);
        var node = state.Node(host);
        if (!node.Host.IsAlive)
        {
            await BootAsync(paths, state, node).ConfigureAwait(false);
        }

        if (node.Daemon.IsAlive)
        {
            throw new LabException($"the daemon of {host} runs already");
        }

        await StartDaemonAsync(paths, state, node).ConfigureAwait(false);
    }

    public static async Task StopAsync(LabPaths paths, string host, bool kill, bool powerOff)
    {
        var state = LabState.Load(paths);
        var node = state.Node(host);
        if (powerOff)
        {
            if (node.Host.IsAlive)
            {
                await LabTeardown.KillAndWaitAsync(node.Host.Pid).ConfigureAwait(false);
            }

            return;
        }

        if (!node.Daemon.IsAlive)
        {
            throw new LabException($"the daemon of {host} does not run");
        }

        _ = Libc.kill(node.Daemon.Pid, kill ? Libc.SIGKILL : Libc.SIGTERM);
        await WaitUntilAsync(() => !node.Daemon.IsAlive, $"the daemon of {host} does not stop").ConfigureAwait(false);
    }

    /// <summary>A host without its daemon: namespaces with their first process, and its link to the switch.</summary>
    private static async Task BootAsync(LabPaths paths, LabState state, LabNode node)
    {
        Directory.CreateDirectory(paths.NodeState(node.Name));
        Directory.CreateDirectory(paths.NodeRun(node.Name));
        Directory.CreateDirectory(paths.NodeEtc(node.Name));
        WriteEtc(paths, state, node);
        File.Delete(paths.NodeReady(node.Name));
        var (program, arguments) = LabEnter.Self;
        using var nothing = OpenFile("/dev/null", FileMode.Open, FileAccess.Read);
        using var log = OpenFile(paths.NodeLog(node.Name), FileMode.Append, FileAccess.Write);
        using var process = await NamespacedProcess.StartAsync(new NamespacedProcessOptions
        {
            FileName = program,
            Arguments = [.. arguments, "lab", LabHost.Verb, paths.Lab, node.Name],
            WorkingDirectory = "/",
            Unshare = Libc.CLONE_NEWNET | Libc.CLONE_NEWUTS | Libc.CLONE_NEWIPC | Libc.CLONE_NEWPID | Libc.CLONE_NEWNS,
            StandardInput = nothing,
            StandardOutput = log,
            StandardError = log,
            NewSession = true,
        }).ConfigureAwait(false);
        node.Host = ProcessMark.Of(process.Pid);
        node.Daemon = default;
        state.Save(paths);
        await WaitUntilAsync(
            () => File.Exists(paths.NodeReady(node.Name)) || !node.Host.IsAlive,
            $"{node.Name} does not boot").ConfigureAwait(false);
        if (!node.Host.IsAlive)
        {
            throw new LabException($"{node.Name} did not boot: {LastLine(paths.NodeLog(node.Name))}");
        }

        LabLinks.Connect(paths, node);
    }

    private static async Task StartDaemonAsync(LabPaths paths, LabState state, LabNode node)
    {
        var (program, arguments) = LabEnter.Self;
        File.Delete(paths.NodeSocket(node.Name));
        using var nothing = OpenFile("/dev/null", FileMode.Open, FileAccess.Read);
        using var log = OpenFile(paths.NodeLog(node.Name), FileMode.Append, FileAccess.Write);
        using var process = await LabEnter.StartInHostAsync(node, new NamespacedProcessOptions
        {
            FileName = program,
            Arguments =
            [
                .. arguments, "daemon", "--state", paths.NodeState(node.Name), "--run", paths.NodeRun(node.Name),
                "--cgroup-parent", paths.NodeCgroup(node.Name),
            ],
            WorkingDirectory = "/",
            StandardInput = nothing,
            StandardOutput = log,
            StandardError = log,
            NewSession = true,
        }).ConfigureAwait(false);
        lock (state)
        {
            node.Daemon = ProcessMark.Of(process.Pid);
            state.Save(paths);
        }

        await WaitUntilAsync(
            () => Answers(paths.NodeSocket(node.Name)) || !node.Daemon.IsAlive,
            $"the daemon of {node.Name} does not answer").ConfigureAwait(false);
        if (!node.Daemon.IsAlive)
        {
            throw new LabException($"the daemon of {node.Name} ended: {LastLine(paths.NodeLog(node.Name))}");
        }
    }

    private static void WriteEtc(LabPaths paths, LabState state, LabNode node)
    {
        var etc = paths.NodeEtc(node.Name);
        var hosts = state.Nodes.Select(n => $"{n.Address} {n.Name}\n").Prepend("127.0.0.1 localhost\n");
        File.WriteAllText(Path.Combine(etc, "hosts"), string.Concat(hosts));
        File.WriteAllText(Path.Combine(etc, "hostname"), node.Name + "\n");
        // Nobody answers there, and says so at once: names outside the lab fail without a wait.
        File.WriteAllText(Path.Combine(etc, "resolv.conf"), $"nameserver {LabPaths.OutsideAddress}\n");
    }

    private static bool Answers(string socket)
    {
        if (!File.Exists(socket))
        {
            return false;
        }

        using var probe = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        try
        {
            probe.Connect(new System.Net.Sockets.UnixDomainSocketEndPoint(socket));
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }

    private static string LastLine(string file) => File.ReadLines(file).LastOrDefault(line => line.Trim().Length > 0) ?? "it left no message";

    private static SafeFileHandle OpenFile(string path, FileMode mode, FileAccess access) => File.OpenHandle(path, mode, access, FileShare.ReadWrite);

    private static async Task WaitUntilAsync(Func<bool> condition, string error)
    {
        var deadline = Environment.TickCount64 + (long)BootPatience.TotalMilliseconds;
        while (!condition())
        {
            if (Environment.TickCount64 > deadline)
            {
                throw new LabException($"{error} within {BootPatience.TotalSeconds:0} s");
            }

            await Task.Delay(10).ConfigureAwait(false);
        }
    }
}
