using System.Text.Json;
using SwarmNet.Cli.Formatting;
using SwarmNet.Cli.Specs;

namespace SwarmNet.Cli.Commands;

/// <summary>The text of <c>info</c>.</summary>
internal static class InfoText
{
    public static void WriteClient(TextWriter output) =>
        output.Write($"Client:\n Version:    {BuildInfo.Version}\n Context:    default\n Debug Mode: false\n");

    public static void WriteServer(TextWriter output, Json info)
    {
        void Line(string text) => output.Write(text + "\n");
        void Field(string title, string name)
        {
            if (info.Text(name).Length > 0)
            {
                Line($" {title}: {info.Text(name)}");
            }
        }

        Line($" Containers: {info.Number("Containers")}\n  Running: {info.Number("ContainersRunning")}");
        Line($"  Paused: {info.Number("ContainersPaused")}\n  Stopped: {info.Number("ContainersStopped")}");
        Line($" Images: {info.Number("Images")}");
        Field("Server Version", "ServerVersion");
        Field("Storage Driver", "Driver");
        foreach (var pair in info.Items("DriverStatus"))
        {
            var words = pair.Items();
            Line($"  {words[0].Text()}: {words[1].Text()}");
        }

        Field("Logging Driver", "LoggingDriver");
        Field("Cgroup Driver", "CgroupDriver");
        Field("Cgroup Version", "CgroupVersion");
        Line(" Plugins:");
        foreach (var kind in (ReadOnlySpan<string>)["Volume", "Network", "Authorization", "Log"])
        {
            var names = info.Items("Plugins", kind).Select(item => item.Text()).ToList();
            if (names.Count > 0 || kind is "Volume" or "Network")
            {
                Line($"  {kind}: {string.Join(' ', names)}");
            }
        }

        WriteSwarm(Line, info.At("Swarm"));
        var runtimes = info.Properties("Runtimes").Select(runtime => runtime.Name).Order(StringComparer.Ordinal).ToList();
        if (runtimes.Count > 0)
        {
            Line($" Runtimes: {string.Join(' ', runtimes)}");
            Line($" Default Runtime: {info.Text("DefaultRuntime")}");
        }

        if (info.Text("OSType") == "linux" && info.Text("InitBinary").Length > 0)
        {
            Line($" Init Binary: {info.Text("InitBinary")}");
            Line($" containerd version: {info.Text("ContainerdCommit", "ID")}");
            Line($" runc version: {info.Text("RuncCommit", "ID")}");
            Line($" init version: {info.Text("InitCommit", "ID")}");
        }

        WriteSecurity(Line, info);
        Field("Kernel Version", "KernelVersion");
        Field("Operating System", "OperatingSystem");
        Field("OSType", "OSType");
        Field("Architecture", "Architecture");
        Line($" CPUs: {info.Number("NCPU")}\n Total Memory: {Humanize.BinarySize(info.Number("MemTotal"))}");
        Field("Name", "Name");
        Field("ID", "ID");
        Field("Docker Root Dir", "DockerRootDir");
        Line($" Debug Mode: {Word(info.IsTrue("Debug"))}");
        WriteLabels(Line, info);
        Line($" Experimental: {Word(info.IsTrue("ExperimentalBuild"))}");
        var insecure = info.Properties("RegistryConfig", "IndexConfigs").Where(index => index.Value.At("Secure").ValueKind == JsonValueKind.False)
            .Select(index => index.Name).Concat(info.Items("RegistryConfig", "InsecureRegistryCIDRs").Select(item => item.Text())).ToList();
        if (insecure.Count > 0)
        {
            Line(" Insecure Registries:");
            insecure.ForEach(registry => Line($"  {registry}"));
        }

        Line($" Live Restore Enabled: {Word(info.IsTrue("LiveRestoreEnabled"))}\n");
    }

    private static string Word(bool value) => value ? "true" : "false";

    private static void WriteLabels(Action<string> line, Json info)
    {
        var labels = info.Items("Labels").Select(item => item.Text()).ToList();
        if (labels.Count > 0)
        {
            line(" Labels:");
            labels.ForEach(label => line($"  {label}"));
        }
    }

    private static void WriteSecurity(Action<string> line, Json info)
    {
        var options = info.Items("SecurityOptions").Select(item => item.Text()).ToList();
        if (options.Count == 0)
        {
            return;
        }

        line(" Security Options:");
        foreach (var option in options)
        {
            var pairs = option.Split(',').Select(pair => (Key: KeyValue.Cut(pair, out var value), Value: value ?? "")).ToList();
            line($"  {pairs.FirstOrDefault(pair => pair.Key == "name", (Key: option, Value: option)).Value}");
            foreach (var (key, value) in pairs.Where(pair => pair.Key == "profile"))
            {
                line($"   Profile: {value}");
            }
        }
    }

    private static void WriteSwarm(Action<string> line, Json swarm)
    {
        line($" Swarm: {swarm.Text("LocalNodeState")}");
        if (swarm.Text("LocalNodeState") is "inactive" or "locked" or "")
        {
            return;
        }

        line($"  NodeID: {swarm.Text("NodeID")}");
        if (swarm.Text("Error").Length > 0)
        {
            line($"  Error: {swarm.Text("Error")}");
        }

        var manager = swarm.IsTrue("ControlAvailable");
        line($"  Is Manager: {Word(manager)}");
        var cluster = swarm.At("Cluster");
        if (cluster.Exists && manager && swarm.Text("Error").Length == 0)
        {
            WriteCluster(line, swarm, cluster);
        }

        line($"  Node Address: {swarm.Text("NodeAddr")}");
        var managers = swarm.Items("RemoteManagers").Select(item => item.Text("Addr")).Order(StringComparer.Ordinal).ToList();
        if (managers.Count > 0)
        {
            line("  Manager Addresses:");
            managers.ForEach(address => line($"   {address}"));
        }
    }

    private static void WriteCluster(Action<string> line, Json swarm, Json cluster)
    {
        line($"  ClusterID: {cluster.Text("ID")}\n  Managers: {swarm.Number("Managers")}\n  Nodes: {swarm.Number("Nodes")}");
        if (cluster.At("DefaultAddrPool").Exists)
        {
            var pools = cluster.Items("DefaultAddrPool").Select(item => item.Text() + "  ");
            line($"  Default Address Pool: {string.Concat(pools)}\n  SubnetSize: {cluster.Number("SubnetSize")}");
        }

        if (cluster.Number("DataPathPort") > 0)
        {
            line($"  Data Path Port: {cluster.Number("DataPathPort")}");
        }

        var spec = cluster.At("Spec");
        var history = spec.At("Orchestration", "TaskHistoryRetentionLimit");
        line($"  Orchestration:\n   Task History Retention Limit: {(history.Exists ? history.Raw() : "0")}");
        line($"  Raft:\n   Snapshot Interval: {spec.Number("Raft", "SnapshotInterval")}");
        if (spec.At("Raft", "KeepOldSnapshots").Exists)
        {
            line($"   Number of Old Snapshots to Retain: {spec.Number("Raft", "KeepOldSnapshots")}");
        }

        line($"   Heartbeat Tick: {spec.Number("Raft", "HeartbeatTick")}\n   Election Tick: {spec.Number("Raft", "ElectionTick")}");
        line($"  Dispatcher:\n   Heartbeat Period: {Period(spec.Number("Dispatcher", "HeartbeatPeriod"))}");
        line($"  CA Configuration:\n   Expiry Duration: {Period(spec.Number("CAConfig", "NodeCertExpiry"))}");
        line($"   Force Rotate: {spec.Number("CAConfig", "ForceRotate")}");
        if (spec.Text("CAConfig", "SigningCACert").Length > 0)
        {
            line($"   Signing CA Certificate: \n{spec.Text("CAConfig", "SigningCACert").Trim()}\n");
        }

        var external = spec.Items("CAConfig", "ExternalCAs").ToList();
        if (external.Count > 0)
        {
            line("   External CAs:");
            external.ForEach(ca => line($"     {ca.Text("Protocol")}: {ca.Text("URL")}"));
        }

        line($"  Autolock Managers: {Word(spec.IsTrue("EncryptionConfig", "AutoLockManagers"))}");
        line($"  Root Rotation In Progress: {Word(cluster.IsTrue("RootRotationInProgress"))}");
    }

    private static string Period(long nanoseconds) => Humanize.Duration(TimeSpan.FromTicks(nanoseconds / 100));
}
