using System.Text.Json;
using SwarmNet.EngineApi.Json;
using SwarmNet.EngineApi.Mapping;
using SwarmNet.EngineApi.Swarm;
using SwarmNet.Manager.Store;

namespace SwarmNet.EngineApi.Runtime;

/// <summary>The answer to <c>GET /info</c>.</summary>
internal static class InfoJson
{
    public static void Write(
        Utf8JsonWriter json,
        EngineApiOptions options,
        ClusterAccess? cluster,
        IReadOnlyList<ContainerInfo> containers,
        int images,
        int listeners)
    {
        var engine = options.Engine;
        var running = containers.Count(container => container.State == ContainerState.Running);
        json.WriteStartObject();
        json.WriteString("ID", engine.Id);
        json.WriteNumber("Containers", containers.Count);
        json.WriteNumber("ContainersRunning", running);
        json.WriteNumber("ContainersPaused", 0);
        json.WriteNumber("ContainersStopped", containers.Count - running);
        json.WriteNumber("Images", images);
        json.WriteString("Driver", "overlayfs");
        json.WriteStartArray("DriverStatus");
        json.WriteEndArray();
        WritePlugins(json, engine);
        WriteKernel(json);
        json.WriteBoolean("Debug", false);
        json.WriteNumber("NFd", MachineFacts.OpenFiles);
        json.WriteBoolean("OomKillDisable", false);
        json.WriteNumber("NGoroutines", ThreadPool.ThreadCount);
        json.WriteString("SystemTime", GoTime.Format(options.Time.GetUtcNow()));
        json.WriteString("LoggingDriver", engine.LogDrivers.Count > 0 ? engine.LogDrivers[0] : "none");
        json.WriteString("CgroupDriver", "cgroupfs");
        json.WriteString("CgroupVersion", MachineFacts.CgroupVersion);
        json.WriteNumber("NEventsListener", listeners);
        json.WriteString("KernelVersion", MachineFacts.KernelVersion);
        json.WriteString("OperatingSystem", MachineFacts.OperatingSystem);
        json.WriteString("OSVersion", MachineFacts.OperatingSystemVersion);
        json.WriteString("OSType", "linux");
        json.WriteString("Architecture", MachineFacts.Architecture);
        json.WriteString("IndexServerAddress", "https://index.docker.io/v1/");
        WriteRegistries(json);
        json.WriteNumber("NCPU", Environment.ProcessorCount);
        json.WriteNumber("MemTotal", MachineFacts.MemoryBytes);
        json.WriteNull("GenericResources");
        json.WriteString("DockerRootDir", engine.StateFolder);
        json.WriteString("HttpProxy", "");
        json.WriteString("HttpsProxy", "");
        json.WriteString("NoProxy", "");
        json.WriteString("Name", engine.Hostname);
        json.StringList("Labels", engine.Labels);
        json.WriteBoolean("ExperimentalBuild", false);
        json.WriteString("ServerVersion", engine.Version);
        WriteRuntimes(json, engine);
        WriteSwarm(json, options.Node, cluster);
        json.WriteBoolean("LiveRestoreEnabled", false);
        json.WriteString("Isolation", "");
        json.WriteString("InitBinary", "");
        WriteCommit(json, "ContainerdCommit");
        WriteCommit(json, "RuncCommit");
        WriteCommit(json, "InitCommit");
        json.WriteStartArray("SecurityOptions");
        json.WriteEndArray();
        var warnings = SwarmWarnings(options.Node, cluster);
        if (warnings.Length == 0)
        {
            json.WriteNull("Warnings");
        }
        else
        {
            json.StringList("Warnings", warnings);
        }

        json.WriteEndObject();
    }

    /// <summary>Writes the <c>Swarm</c> object.</summary>
    public static void WriteSwarm(Utf8JsonWriter json, ISwarmNode node, ClusterAccess? cluster)
    {
        var status = node.Status;
        json.WriteStartObject("Swarm");
        json.WriteString("NodeID", status.NodeId);
        json.WriteString("NodeAddr", status.NodeAddr);
        json.WriteString("LocalNodeState", status.State.ToString().ToLowerInvariant());
        json.WriteBoolean("ControlAvailable", cluster is not null);
        json.WriteString("Error", status.Error);
        if (status.RemoteManagers.Count == 0)
        {
            json.WriteNull("RemoteManagers");
        }
        else
        {
            json.List("RemoteManagers", status.RemoteManagers.OrderBy(peer => peer.NodeId, StringComparer.Ordinal), static (json, peer) =>
            {
                json.WriteStartObject();
                json.WriteString("NodeID", peer.NodeId);
                json.WriteString("Addr", peer.Addr);
                json.WriteEndObject();
            });
        }

        // Without a leader nobody knows what the swarm is now: the error says why, and Docker shows an empty cluster.
        if (cluster?.View is { Cluster: { } swarm } view && status.Error.Length == 0)
        {
            json.NumberIfAny("Nodes", (long)view.Nodes.Count);
            json.NumberIfAny("Managers", ManagersOf(view));
            json.WriteStartObject("Cluster");
            ClusterJson.WriteMembers(json, swarm, ClusterTls.Of(swarm), withTokens: false);
            json.WriteEndObject();
        }
        else if (cluster is not null)
        {
            ClusterJson.WriteUnknown(json, "Cluster");
        }

        var warnings = SwarmWarnings(node, cluster);
        if (warnings.Length > 0)
        {
            json.StringList("Warnings", warnings);
        }

        json.WriteEndObject();
    }

    private static string[] SwarmWarnings(ISwarmNode node, ClusterAccess? cluster) =>
        cluster is not null && node.Status.Error.Length == 0 && ManagersOf(cluster.View) == 2 ? [SwarmTexts.TwoManagers] : [];

    private static long ManagersOf(StoreView view) => view.Nodes.All.Count(member => member.ManagerStatus is not null);

    private static void WritePlugins(Utf8JsonWriter json, EngineInfo engine)
    {
        json.WriteStartObject("Plugins");
        json.StringList("Volume", ["local"]);
        json.StringList("Network", ["bridge", "host", "null", "overlay"]);
        json.WriteNull("Authorization");
        json.StringList("Log", engine.LogDrivers);
        json.WriteEndObject();
    }

    // Controllers that the kernel has, and its switches as they stand.
    private static void WriteKernel(Utf8JsonWriter json)
    {
        var memory = MachineFacts.HasController("memory");
        var cpu = MachineFacts.HasController("cpu");
        json.WriteBoolean("MemoryLimit", memory);
        json.WriteBoolean("SwapLimit", memory);
        json.WriteBoolean("CpuCfsPeriod", cpu);
        json.WriteBoolean("CpuCfsQuota", cpu);
        json.WriteBoolean("CPUShares", cpu);
        json.WriteBoolean("CPUSet", MachineFacts.HasController("cpuset"));
        json.WriteBoolean("PidsLimit", MachineFacts.HasController("pids"));
        json.WriteBoolean("IPv4Forwarding", MachineFacts.IsOn("/proc/sys/net/ipv4/ip_forward"));
        json.WriteBoolean("BridgeNfIptables", MachineFacts.IsOn("/proc/sys/net/bridge/bridge-nf-call-iptables"));
        json.WriteBoolean("BridgeNfIp6tables", MachineFacts.IsOn("/proc/sys/net/bridge/bridge-nf-call-ip6tables"));
    }

    private static void WriteRegistries(Utf8JsonWriter json)
    {
        json.WriteStartObject("RegistryConfig");
        json.StringList("InsecureRegistryCIDRs", ["127.0.0.0/8"]);
        json.WriteStartObject("IndexConfigs");
        json.WriteEndObject();
        json.WriteStartArray("Mirrors");
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRuntimes(Utf8JsonWriter json, EngineInfo engine)
    {
        json.WriteStartObject("Runtimes");
        if (engine.RuntimeName.Length > 0)
        {
            json.WriteStartObject(engine.RuntimeName);
            json.WriteString("path", engine.RuntimePath);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteString("DefaultRuntime", engine.RuntimeName);
    }

    private static void WriteCommit(Utf8JsonWriter json, string name)
    {
        json.WriteStartObject(name);
        json.WriteString("ID", "");
        json.WriteEndObject();
    }
}
