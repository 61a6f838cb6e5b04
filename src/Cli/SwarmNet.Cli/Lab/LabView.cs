namespace SwarmNet.Cli.Lab;

/// <summary>What a lab's commands show.</summary>
internal static class LabView
{
    public static IReadOnlyList<string> Names() => Directory.Exists(LabPaths.AllLabs)
        ? [.. Directory.GetDirectories(LabPaths.AllLabs).Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal)]
        : [];

    public static void List(TextWriter output)
    {
        output.WriteLine("NAME                 HOSTS   RUNNING");
        foreach (var name in Names())
        {
            var state = LabState.TryLoad(new LabPaths(name));
            output.WriteLine($"{name,-20} {state?.Nodes.Count ?? 0,5}   {state?.Nodes.Count(n => n.Daemon.IsAlive) ?? 0,7}");
        }
    }

    public static void Status(LabPaths paths, TextWriter output)
    {
        var state = LabState.Load(paths);
        output.WriteLine("HOST       ADDRESS        IPV6         DAEMON    PID       SOCKET");
        foreach (var node in state.Nodes)
        {
            var daemon = !node.Host.IsAlive ? "off" : node.Daemon.IsAlive ? "running" : "stopped";
            var pid = node.Daemon.IsAlive ? node.Daemon.Pid.ToString(null, null) : "-";
            output.WriteLine($"{node.Name,-10} {node.Address,-14} {node.Address6,-12} {daemon,-9} {pid,-9} unix://{paths.NodeSocket(node.Name)}");
        }

        output.WriteLine($"{LabPaths.Outside,-10} {LabPaths.OutsideAddress,-14} {LabPaths.OutsideAddress6,-12} -         -         -");
    }

    public static async Task LogsAsync(LabPaths paths, string host, bool follow, TextWriter output)
    {
        var node = LabState.Load(paths).Node(host);
        await using var file = new FileStream(paths.NodeLog(node.Name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(file);
        while (true)
        {
            while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
            {
                await output.WriteLineAsync(line).ConfigureAwait(false);
            }

            if (!follow)
            {
                return;
            }

            await Task.Delay(200).ConfigureAwait(false);
        }
    }
}
