using System.Text.Json.Nodes;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Executor;

/// <summary>Everything that the runtime's <c>config.json</c> is made of, once all names are resolved.</summary>
internal sealed record OciBundle
{
    private static readonly string[] MaskedPaths =
    [
        "/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
        "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap",
    ];

    private static readonly string[] ReadonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    public required SwarmTask Task { get; init; }

    public required string RootPath { get; init; }

    public required string Hostname { get; init; }

    public required string CgroupPath { get; init; }

    public required string NetworkNamespace { get; init; }

    public required IReadOnlyList<string> Command { get; init; }

    public required IReadOnlyList<string> Environment { get; init; }

    public required string WorkingFolder { get; init; }

    public required ContainerUser User { get; init; }

    public required IReadOnlyList<OciMount> Mounts { get; init; }

    /// <summary>Whether this kernel accounts for swap.</summary>
    public required bool HasSwapLimit { get; init; }

    /// <summary>Whether the host has only the version 2 cgroup hierarchy.</summary>
    public required bool IsCgroup2 { get; init; }

    private ContainerSpec Spec => Task.Spec.Container;

    /// <summary>The document (OCI runtime-spec <c>config.md</c>) with Docker's defaults.</summary>
    public JsonObject ToJson() => new()
    {
        ["ociVersion"] = "1.0.2",
        ["process"] = Process(Command),
        ["root"] = new JsonObject { ["path"] = RootPath, ["readonly"] = Spec.ReadOnly },
        ["hostname"] = Hostname,
        ["mounts"] = new JsonArray([.. Mounts.Select(m => (JsonNode)new JsonObject
        {
            ["destination"] = m.Destination, ["type"] = m.Type, ["source"] = m.Source, ["options"] = Strings(m.Options),
        })]),
        ["linux"] = Linux(),
    };

    /// <summary>The process part alone, for further processes of the container.</summary>
    public JsonObject Process(IEnumerable<string> command)
    {
        var capabilities = ContainerCapabilities.Of(Spec.CapabilityAdd, Spec.CapabilityDrop);
        var effective = User.Uid == 0 ? capabilities : [];
        var process = new JsonObject
        {
            ["terminal"] = false,
            ["user"] = new JsonObject
            {
                ["uid"] = User.Uid,
                ["gid"] = User.Gid,
                ["additionalGids"] = new JsonArray([.. User.Groups.Select(g => (JsonNode)JsonValue.Create(g))]),
            },
            ["args"] = Strings(command),
            ["env"] = Strings(Environment),
            ["cwd"] = WorkingFolder,
            ["capabilities"] = new JsonObject
            {
                ["bounding"] = Strings(capabilities),
                ["effective"] = Strings(effective),
                ["permitted"] = Strings(effective),
            },
            ["noNewPrivileges"] = Spec.Privileges?.NoNewPrivileges ?? false,
            ["rlimits"] = new JsonArray([.. Spec.Ulimits.Select(u => (JsonNode)new JsonObject
            {
                ["type"] = "RLIMIT_" + u.Name.ToUpperInvariant(), ["soft"] = (ulong)u.Soft, ["hard"] = (ulong)u.Hard,
            })]),
        };
        if (Spec.OomScoreAdj != 0)
        {
            process["oomScoreAdj"] = Spec.OomScoreAdj;
        }

        return process;
    }

    private static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(v => (JsonNode)JsonValue.Create(v)!)]);

    private static JsonObject Device(bool allow, string access, string? type = null, long? major = null, long? minor = null)
    {
        var device = new JsonObject { ["allow"] = allow, ["access"] = access };
        if (type is not null)
        {
            device["type"] = type;
        }

        if (major is not null)
        {
            device["major"] = major;
        }

        if (minor is not null)
        {
            device["minor"] = minor;
        }

        return device;
    }

    private JsonObject Linux()
    {
        var namespaces = new JsonArray(
            Namespace("pid"), Namespace("ipc"), Namespace("uts"), Namespace("mount"),
            new JsonObject { ["type"] = "network", ["path"] = NetworkNamespace });
        if (IsCgroup2)
        {
            namespaces.Add((JsonNode)Namespace("cgroup"));
        }

        var sysctls = new JsonObject();
        foreach (var (name, value) in Spec.Sysctls)
        {
            sysctls[name] = value;
        }

        return new JsonObject
        {
            ["namespaces"] = namespaces,
            ["cgroupsPath"] = CgroupPath,
            ["sysctl"] = sysctls,
            ["resources"] = Resources(),
            ["maskedPaths"] = Strings(MaskedPaths),
            ["readonlyPaths"] = Strings(ReadonlyPaths),
        };
    }

    private static JsonObject Namespace(string type) => new() { ["type"] = type };

    private JsonObject Resources()
    {
        var resources = new JsonObject
        {
            ["devices"] = new JsonArray(
                Device(false, "rwm"),
                Device(true, "m", "c"), Device(true, "m", "b"), // mknod only
                Device(true, "rwm", "c", 1, 3), Device(true, "rwm", "c", 1, 5), Device(true, "rwm", "c", 1, 7), // null, zero, full
                Device(true, "rwm", "c", 1, 8), Device(true, "rwm", "c", 1, 9), // random, urandom
                Device(true, "rwm", "c", 5, 0), Device(true, "rwm", "c", 5, 1), Device(true, "rwm", "c", 5, 2), // tty, console, ptmx
                Device(true, "rwm", "c", 136)), // pts
        };
        var (limits, reservations) = (Task.Spec.Resources?.Limits, Task.Spec.Resources?.Reservations);
        var memory = new JsonObject();
        if (limits?.MemoryBytes > 0)
        {
            memory["limit"] = limits.MemoryBytes;
            if (HasSwapLimit)
            {
                // Docker: as much swap as memory unless the service says otherwise; the number is their sum.
                memory["swap"] = Task.Spec.Resources!.SwapBytes switch
                {
                    null => 2 * limits.MemoryBytes,
                    -1 => -1,
                    var swap => limits.MemoryBytes + swap.Value,
                };
            }
        }

        if (reservations?.MemoryBytes > 0)
        {
            memory["reservation"] = reservations.MemoryBytes;
        }

        if (Task.Spec.Resources?.MemorySwappiness is { } swappiness && !IsCgroup2 && swappiness >= 0)
        {
            memory["swappiness"] = swappiness;
        }

        if (memory.Count > 0)
        {
            resources["memory"] = memory;
        }

        if (limits?.NanoCpus > 0)
        {
            const long PeriodMicroseconds = 100_000;
            resources["cpu"] = new JsonObject
            {
                ["quota"] = Math.Max(1000, limits.NanoCpus * PeriodMicroseconds / 1_000_000_000),
                ["period"] = PeriodMicroseconds,
            };
        }

        if (Spec.PidsLimit > 0)
        {
            resources["pids"] = new JsonObject { ["limit"] = Spec.PidsLimit };
        }

        return resources;
    }
}
