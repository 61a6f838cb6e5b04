using System.Diagnostics;
using System.Globalization;
using SwarmNet.Linux;

namespace SwarmNet.Perf.DataPlane.Forwarding;

/// <summary>Two stock engines in a swarm, with an overlay network and a container on each: a client's, and one where the servers run.</summary>
internal sealed class StockSwarm : IDisposable
{
    private const int Patience = 60;
    private readonly string _tool;
    private readonly string _folder;
    private readonly List<IDisposable> _owned = [];

    /// <param name="tool">Script that makes the engines.</param>
    /// <param name="folder">Where it keeps its files.</param>
    public StockSwarm(string tool, string folder)
    {
        _tool = tool;
        _folder = folder;
        try
        {
            Tool("up 2");
            Tool("swarm 1");
            Tool("exec 1 docker network create -d overlay --subnet 10.70.0.0/24 perf");
            Tool("exec 1 docker service create -d --name perf --mode global --network perf --endpoint-mode dnsrr --stop-grace-period 1s busybox:latest sleep 86400");
            (NetworkNamespace client, string clientPath, _) = Container(1);
            (NetworkNamespace server, string serverPath, string address) = Container(2);
            _owned.Add(new Servers(server, serverPath, Directory.CreateDirectory(Path.Combine(folder, "servers")).FullName));
            TaskToTask = new TrafficPath(client, clientPath, address);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Task to task on another host.</summary>
    public TrafficPath TaskToTask { get; } = null!;

    public void Dispose()
    {
        for (int i = _owned.Count - 1; i >= 0; i--)
        {
            _owned[i].Dispose();
        }

        Tool("down");
    }

    /// <summary>The namespace of a host's container: pinned by the engine inside the host's own mount namespace.</summary>
    private (NetworkNamespace Namespace, string Path, string Address) Container(int host)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            string id = Tool($"exec {host} docker ps -q --filter label=com.docker.swarm.service.name=perf").Trim();
            if (id.Length > 0)
            {
                string[] found = Tool($"exec {host} docker inspect -f {{{{.NetworkSettings.SandboxKey}}}}={{{{.NetworkSettings.Networks.perf.IPAddress}}}} {id}").Trim().Split('=');
                string init = File.ReadAllText(System.IO.Path.Combine(_folder, $"node{host.ToString(CultureInfo.InvariantCulture)}", "init.pid")).Trim();
                string path = $"/proc/{init}/root{found[0].Replace("/var/run/", "/run/", StringComparison.Ordinal)}";
                NetworkNamespace ns = NetworkNamespace.Open(path);
                _owned.Add(ns);
                return (ns, path, found[1]);
            }

            if (Stopwatch.GetElapsedTime(start).TotalSeconds > Patience)
            {
                throw new TimeoutException($"no container on stock host {host} within {Patience} s");
            }

            Thread.Sleep(100);
        }
    }

    private string Tool(string arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(_tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{_tool} {arguments}: exit code {process.ExitCode}: {error.GetAwaiter().GetResult()}{output}");
    }
}
