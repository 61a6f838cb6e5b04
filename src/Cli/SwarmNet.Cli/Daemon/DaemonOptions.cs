using System.Text;
using SwarmNet.Overlay.Balancing;

namespace SwarmNet.Cli.Daemon;

/// <summary>Options of <c>swarm daemon</c>.</summary>
internal sealed record DaemonOptions
{
    public string State { get; init; } = "/var/lib/swarmnet";

    public string Run { get; init; } = "/run/swarmnet";

    public string CgroupParent { get; init; } = "swarmnet";

    public string? Hostname { get; init; }

    /// <summary>Null = what the kernel can, nf_tables first.</summary>
    public BalancerKind? Balancer { get; init; }

    public bool Debug { get; init; }

    public string Socket => Path.Combine(Run, "swarm.sock");

    /// <summary>What concerns this node's place in a swarm: certificates, Raft log, known managers.</summary>
    public string SwarmState => Path.Combine(State, "swarm");

    public string NamespaceFolder => Path.Combine(Run, "netns");

    public string NetworkMemory => Path.Combine(Run, "networks");

    /// <summary>Throws <see cref="FormatException"/> with a sentence.</summary>
    public static DaemonOptions Parse(string[] args)
    {
        var options = new DaemonOptions();
        for (var i = 0; i < args.Length; i++)
        {
            var (flag, value) = args[i].IndexOf('=', StringComparison.Ordinal) is var eq and > 0 ? (args[i][..eq], args[i][(eq + 1)..]) : (args[i], null);
            string Value() => value ?? (++i < args.Length ? args[i] : throw new FormatException($"flag needs an argument: {flag}"));
            options = flag switch
            {
                "--state" => options with { State = Folder(Value(), flag) },
                "--run" => options with { Run = Folder(Value(), flag) },
                "--cgroup-parent" => options with { CgroupParent = Value().Trim('/') },
                "--hostname" => options with { Hostname = Value() },
                "--balancer" => options with { Balancer = Kind(Value(), flag) },
                "--debug" or "-D" => options with { Debug = true },
                _ => throw new FormatException($"swarm daemon has no {(flag.StartsWith('-') ? "flag" : "argument")} {args[i]} (see: swarm daemon --help)"),
            };
        }

        const int MaxSocketPathBytes = 107; // sun_path of linux/un.h, less its NUL
        return Encoding.UTF8.GetByteCount(options.Socket) <= MaxSocketPathBytes
            ? options
            : throw new FormatException($"the socket's path {options.Socket} is too long: choose a --run folder of at most {MaxSocketPathBytes - "/swarm.sock".Length} bytes");
    }

    private static BalancerKind? Kind(string name, string flag) => name switch
    {
        "auto" => null,
        "nftables" => BalancerKind.NfTables,
        "ipvs" => BalancerKind.Ipvs,
        _ => throw new FormatException($"{flag} is auto, nftables or ipvs, not \"{name}\""),
    };

    private static string Folder(string path, string flag) => Path.IsPathRooted(path)
        ? Path.TrimEndingDirectorySeparator(path)
        : throw new FormatException($"{flag} takes an absolute path, not \"{path}\"");
}
