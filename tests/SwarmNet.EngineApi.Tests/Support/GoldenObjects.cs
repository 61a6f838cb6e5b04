using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SwarmNet.EngineApi.Json;
using SwarmNet.EngineApi.Mapping;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Tests.Support;

/// <summary>Objects of the store, made of what a stock engine showed of them.</summary>
internal static class GoldenObjects
{
    public static Service Service(JsonElement json)
    {
        var body = Open(json);
        var service = new Service
        {
            Id = body.String("ID"),
            Meta = Meta(body),
            Spec = ServiceSpecJson.Read(body.Object("Spec", "ServiceSpec")!.Value),
            PreviousSpec = body.Object("PreviousSpec", "ServiceSpec") is { } previous ? ServiceSpecJson.Read(previous) : null,
        };
        if (body.Object("Endpoint", "Endpoint") is { } endpoint && endpoint.Object("Spec", "EndpointSpec")!.Value.Has("Mode"))
        {
            service.Endpoint = new Endpoint { Spec = EndpointJson.ReadSpec(endpoint.Object("Spec", "EndpointSpec")!.Value) };
            service.Endpoint.Ports.Add(EndpointJson.ReadSpec(endpoint).Ports);
            service.Endpoint.VirtualIps.Add(endpoint.Objects("VirtualIPs", "EndpointVirtualIP")
                .Select(vip => new VirtualIP { NetworkId = vip.String("NetworkID"), Addr = vip.String("Addr") }));
        }

        if (body.Object("UpdateStatus", "UpdateStatus") is { } update)
        {
            service.UpdateStatus = new UpdateStatus
            {
                State = System.Enum.GetValues<UpdateStatus.Types.UpdateState>().Single(state => Words.Of(state) == update.String("State")),
                StartedAt = Time(update, "StartedAt"),
                CompletedAt = Time(update, "CompletedAt"),
                Message = update.String("Message"),
            };
        }

        if (body.Object("JobStatus", "JobStatus") is { } job)
        {
            service.JobStatus = new JobStatus { JobIteration = Version(job, "JobIteration"), LastExecution = Time(job, "LastExecution") };
        }

        return service;
    }

    public static SwarmTask SwarmTask(JsonElement json, Func<string, Service?> service)
    {
        var body = Open(json);
        var status = body.Object("Status", "TaskStatus")!.Value;
        var task = new SwarmTask
        {
            Id = body.String("ID"),
            Meta = Meta(body),
            Spec = TaskSpecJson.Read(body.Object("Spec", "TaskSpec")),
            ServiceId = body.String("ServiceID"),
            Slot = body.UInt64("Slot"),
            NodeId = body.String("NodeID"),
            DesiredState = Words.ParseTaskState(body.String("DesiredState"))!.Value,
            JobIteration = body.Has("JobIteration") ? Version(body, "JobIteration") : null,
            Status = new TaskStatus
            {
                Timestamp = Time(status, "Timestamp"),
                State = Words.ParseTaskState(status.String("State"))!.Value,
                Message = status.String("Message"),
                Err = status.String("Err"),
            },
        };
        task.ServiceAnnotations = service(task.ServiceId)?.Spec.Annotations.Clone();
        if (status.Object("ContainerStatus", "ContainerStatus") is { } container)
        {
            task.Status.Container = new ContainerStatus
            {
                ContainerId = container.String("ContainerID"),
                Pid = (int)container.Int64("PID"),
                ExitCode = (int)container.Int64("ExitCode"),
            };
        }

        if (status.Object("PortStatus", "PortStatus") is { } ports && ports.Has("Ports"))
        {
            task.Status.PortStatus = new PortStatus();
            task.Status.PortStatus.Ports.Add(EndpointJson.ReadSpec(ports).Ports);
        }

        foreach (var attachment in body.Objects("NetworksAttachments", "NetworkAttachment"))
        {
            var entry = new NetworkAttachment { Network = AttachedNetwork(attachment.Object("Network", "Network")!.Value) };
            entry.Addresses.Add(attachment.Strings("Addresses"));
            task.Networks.Add(entry);
        }

        return task;
    }

    public static Node Node(JsonElement json)
    {
        var body = Open(json);
        var description = body.Object("Description", "NodeDescription")!.Value;
        var platform = description.Object("Platform", "Platform")!.Value;
        var resources = description.Object("Resources", "Resources")!.Value;
        var engine = description.Object("Engine", "EngineDescription")!.Value;
        var tls = description.Object("TLSInfo", "TLSInfo")!.Value;
        var status = body.Object("Status", "NodeStatus")!.Value;
        var node = new Node
        {
            Id = body.String("ID"),
            Meta = Meta(body),
            Spec = NodeJson.ReadSpec(body.Object("Spec", "NodeSpec")!.Value),
            Description = new NodeDescription
            {
                Hostname = description.String("Hostname"),
                Platform = new Platform { Architecture = platform.String("Architecture"), Os = platform.String("OS") },
                Resources = new Resources { NanoCpus = resources.Int64("NanoCPUs"), MemoryBytes = resources.Int64("MemoryBytes") },
                Engine = new EngineDescription { EngineVersion = engine.String("EngineVersion") },
                TlsInfo = new NodeTLSInfo
                {
                    TrustRoot = ByteString.CopyFromUtf8(tls.String("TrustRoot")),
                    CertIssuerSubject = ByteString.CopyFrom(tls.Bytes("CertIssuerSubject")),
                    CertIssuerPublicKey = ByteString.CopyFrom(tls.Bytes("CertIssuerPublicKey")),
                },
            },
            Status = new NodeStatus
            {
                State = System.Enum.GetValues<NodeState>().Single(state => Words.Of(state) == status.String("State")),
                Message = status.String("Message"),
                Addr = status.String("Addr"),
            },
        };
        node.Description.Engine.Plugins.Add(engine.Objects("Plugins", "PluginDescription")
            .Select(plugin => new PluginDescription { Type = plugin.String("Type"), Name = plugin.String("Name") }));
        if (body.Object("ManagerStatus", "ManagerStatus") is { } manager)
        {
            node.ManagerStatus = new ManagerStatus
            {
                // Not shown by the API: any number of the node's own will do.
                RaftId = BitConverter.ToUInt64(System.Text.Encoding.ASCII.GetBytes(node.Id)),
                Leader = manager.Bool("Leader"),
                Addr = manager.String("Addr"),
                Reachability = System.Enum.GetValues<Reachability>().Single(word => Words.Of(word) == manager.String("Reachability")),
            };
        }

        return node;
    }

    public static Network Network(JsonElement json)
    {
        var body = Open(json);
        var spec = NetworkJson.Read(body);
        var network = new Network
        {
            Id = body.String("Id"),
            Meta = new Meta { CreatedAt = Time(body, "Created") },
            Spec = spec,
            DriverState = new Driver { Name = body.String("Driver") },
            Ipam = spec.Ipam,
        };
        network.DriverState.Options.Add(body.Map("Options"));
        return network;
    }

    public static Secret Secret(JsonElement json)
    {
        var body = Open(json);
        return new Secret { Id = body.String("ID"), Meta = Meta(body), Spec = SecretJson.ReadSecret(body.Object("Spec", "SecretSpec")!.Value) };
    }

    public static Config Config(JsonElement json)
    {
        var body = Open(json);
        return new Config { Id = body.String("ID"), Meta = Meta(body), Spec = SecretJson.ReadConfig(body.Object("Spec", "ConfigSpec")!.Value) };
    }

    public static Cluster Cluster(JsonElement json)
    {
        var body = Open(json);
        var tokens = body.Object("JoinTokens", "JoinTokens");
        return new Cluster
        {
            Id = body.String("ID"),
            Meta = Meta(body),
            Spec = ClusterSpecJson.Read(body.Object("Spec", "Spec"), new ClusterSpec()),
            RootCa = new RootCA
            {
                CaCert = ByteString.CopyFromUtf8(body.Object("TLSInfo", "TLSInfo")!.Value.String("TrustRoot")),
                JoinTokens = new JoinTokens { Worker = tokens?.String("Worker") ?? "", Manager = tokens?.String("Manager") ?? "" },
            },
        };
    }

    private static Network AttachedNetwork(GoObject body)
    {
        var spec = body.Object("Spec", "NetworkSpec")!.Value;
        return new Network
        {
            Id = body.String("ID"),
            Meta = Meta(body),
            Spec = new NetworkSpec
            {
                Annotations = CommonJson.ReadAnnotations(spec),
                DriverConfig = CommonJson.ReadDriver(spec, "DriverConfiguration"),
                Ingress = spec.Bool("Ingress"),
                Attachable = spec.Bool("Attachable"),
                Internal = spec.Bool("Internal"),
                Ipam = Ipam(spec),
            },
            DriverState = CommonJson.ReadDriver(body, "DriverState"),
            Ipam = Ipam(body),
        };
    }

    private static IPAMOptions? Ipam(GoObject body)
    {
        if (body.Object("IPAMOptions", "IPAMOptions") is not { } options)
        {
            return null;
        }

        var ipam = new IPAMOptions { Driver = CommonJson.ReadDriver(options, "Driver") };
        ipam.Configs.Add(options.Objects("Configs", "IPAMConfig").Select(config =>
            new IPAMConfig { Subnet = config.String("Subnet"), Range = config.String("Range"), Gateway = config.String("Gateway") }));
        return ipam;
    }

    private static GoObject Open(JsonElement json) => GoObject.Parse(JsonSerializer.SerializeToUtf8Bytes(json), "golden");

    private static Meta Meta(GoObject body) => new()
    {
        Version = Version(body, "Version"),
        CreatedAt = Time(body, "CreatedAt"),
        UpdatedAt = Time(body, "UpdatedAt"),
    };

    private static Protocol.Version Version(GoObject body, string name) => new() { Index = body.Object(name, "Version")?.UInt64("Index") ?? 0 };

    // DateTimeOffset counts in 100 ns; the recorded times have nanoseconds.
    private static Timestamp? Time(GoObject body, string name)
    {
        if (body.String(name) is not { Length: > 0 } text)
        {
            return null;
        }

        var parts = text.TrimEnd('Z').Split('.');
        var whole = DateTimeOffset.ParseExact(parts[0], "yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        return new Timestamp
        {
            Seconds = whole.ToUnixTimeSeconds(),
            Nanos = parts.Length == 1 ? 0 : int.Parse(parts[1].PadRight(9, '0'), CultureInfo.InvariantCulture),
        };
    }
}
