namespace SwarmNet.Cli.Lab;

/// <summary>Where a lab lives: one folder per lab, one folder per host in it. Nothing of a lab is anywhere else but in the kernel.</summary>
internal sealed class LabPaths
{
    /// <summary>Name of the place outside the swarm: the switch that connects the hosts, a client's point of view.</summary>
    public const string Outside = "outside";

    /// <summary>Address of the switch, and of the client outside.</summary>
    public const string OutsideAddress = "10.77.0.1";

    /// <summary>Prefix length of the lab's network; every lab has its own switch, so all use the same addresses.</summary>
    public const int PrefixLength = 24;

    /// <summary>The same over IPv6: a unique local prefix, the host's number in decimal.</summary>
    public const string OutsideAddress6 = "fd77::1";

    public const int PrefixLength6 = 64;

    public LabPaths(string lab)
    {
        if (lab.Length is 0 or > 20 || !lab.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
        {
            throw new LabException($"\"{lab}\" cannot be a lab's name: use 1 to 20 letters, digits or dashes");
        }

        Lab = lab;
    }

    public static string AllLabs => Environment.GetEnvironmentVariable("SWARMNET_LABS") is { Length: > 0 } folder ? folder : "/var/lib/swarmnet-labs";

    public string Lab { get; }

    public string Folder => Path.Combine(AllLabs, Lab);

    public string StateFile => Path.Combine(Folder, "lab.json");

    /// <summary>Bind mount that keeps the switch's network namespace.</summary>
    public string Switch => Path.Combine(Folder, "switch.netns");

    /// <summary>Parent control group of the lab's hosts, relative to each hierarchy.</summary>
    public string CgroupParent => $"swarmnet-lab-{Lab}";

    public string NodeFolder(string node) => Path.Combine(Folder, node);

    public string NodeState(string node) => Path.Combine(NodeFolder(node), "state");

    public string NodeRun(string node) => Path.Combine(NodeFolder(node), "run");

    public string NodeEtc(string node) => Path.Combine(NodeFolder(node), "etc");

    public string NodeSocket(string node) => Path.Combine(NodeRun(node), "swarm.sock");

    public string NodeLog(string node) => Path.Combine(NodeFolder(node), "daemon.log");

    public string NodeReady(string node) => Path.Combine(NodeFolder(node), "host.ready");

    public string NodeCgroup(string node) => $"{CgroupParent}/{node}";

    public static string NodeAddress(int number) => $"10.77.0.{10 + number}";

    public static string NodeAddress6(int number) => $"fd77::{10 + number}";
}
