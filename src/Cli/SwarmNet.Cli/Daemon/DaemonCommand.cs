using SwarmNet.Cli.CommandLine;
using SwarmNet.Linux;
using SwarmNet.Overlay.Balancing;

namespace SwarmNet.Cli.Daemon;

/// <summary><c>swarm daemon</c>: runs this host's part of the swarm until it is stopped.</summary>
internal static class DaemonCommand
{
    private const string Usage = """
        Usage:  swarm daemon [OPTIONS]

        Run this host's daemon: the API that all commands talk to, the containers of this host, and its place in a swarm. Needs root,
        and crun or runc. Stopping it stops no container; the next start takes them up.

        Options:
              --state DIR            Folder of what must survive a reboot (default /var/lib/swarmnet)
              --run DIR              Folder of the socket swarm.sock and of namespaces (default /run/swarmnet)
              --cgroup-parent NAME   Control group above all containers (default swarmnet)
              --hostname NAME        Name of this host in the swarm (default: the machine's)
              --balancer KIND        Means of balancing service addresses: nftables, ipvs, or auto (default):
                                     nf_tables, and IPVS where the kernel's nf_tables lacks something
          -D, --debug                Log more

        Example:
          swarm daemon &
          swarm init --advertise-addr eth0

        """;

    public static Command Command => new()
    {
        Use = "daemon [OPTIONS]",
        Short = "Run this host's daemon",
        RawArguments = true,
        RunAsync = (args, _) => RunAsync(args),
    };

    private static async Task<int> RunAsync(string[] args)
    {
        if (args is ["--help" or "-h" or "help", ..])
        {
            await Console.Out.WriteAsync(Usage).ConfigureAwait(false);
            return 0;
        }

        try
        {
            var options = DaemonOptions.Parse(args);
            if (!string.Equals(Environment.UserName, "root", StringComparison.Ordinal))
            {
                throw new FormatException("swarm daemon makes namespaces and mounts: run it as root");
            }

            RefuseMissing(options.Balancer);
            await SwarmDaemon.RunAsync(options).ConfigureAwait(false);
            return 0;
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            await Console.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
            return 1;
        }
    }

    // A means that was asked for by name: better no daemon than one whose tasks all fail.
    private static void RefuseMissing(BalancerKind? kind)
    {
        if (kind is not { } wanted)
        {
            return;
        }

        using var host = NetworkNamespace.OpenCurrent();
        if (ServiceBalancer.FindObstacle(host, wanted) is { } obstacle)
        {
            throw new FormatException($"--balancer {(wanted == BalancerKind.Ipvs ? "ipvs" : "nftables")} does not work here: {obstacle}");
        }
    }
}
