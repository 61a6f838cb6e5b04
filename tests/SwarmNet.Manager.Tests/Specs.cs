using SwarmNet.Protocol;

namespace SwarmNet.Manager.Tests;

/// <summary>Small specifications that pass validation.</summary>
internal static class Specs
{
    public static ServiceSpec Replicated(string name, ulong replicas, params string[] networkIds) => WithTask(
        new ServiceSpec { Annotations = new Annotations { Name = name }, Replicated = new ReplicatedService { Replicas = replicas } }, networkIds);

    public static ServiceSpec Global(string name) => WithTask(
        new ServiceSpec { Annotations = new Annotations { Name = name }, Global = new GlobalService() }, []);

    public static ServiceSpec Job(string name, ulong concurrent, ulong total) => WithTask(
        new ServiceSpec
        {
            Annotations = new Annotations { Name = name },
            ReplicatedJob = new ReplicatedJob { MaxConcurrent = concurrent, TotalCompletions = total },
        },
        []);

    public static PortConfig Port(uint target, uint published, PublishMode mode = PublishMode.Ingress) =>
        new() { TargetPort = target, PublishedPort = published, PublishMode = mode };

    public static ServiceSpec Publish(this ServiceSpec spec, params PortConfig[] ports)
    {
        spec.Endpoint.Ports.AddRange(ports);
        return spec;
    }

    public static Node ReadyNode(string id) => new()
    {
        Id = id,
        Spec = new NodeSpec { Annotations = new Annotations(), Membership = NodeMembership.Accepted },
        Description = new NodeDescription
        {
            Hostname = id,
            Platform = new Platform { Os = "linux", Architecture = "x86_64" },
            Resources = new Resources { NanoCpus = 4_000_000_000, MemoryBytes = 8L << 30 },
            Engine = new EngineDescription
            {
                EngineVersion = "1",
                Plugins = { new PluginDescription { Type = "Network", Name = "overlay" }, new PluginDescription { Type = "Volume", Name = "local" } },
            },
        },
        Status = new NodeStatus { State = NodeState.Ready, Addr = "10.200.0.1" },
    };

    private static ServiceSpec WithTask(ServiceSpec spec, string[] networkIds)
    {
        spec.Task = new TaskSpec { Container = new ContainerSpec { Image = "busybox" } };
        spec.Task.Networks.AddRange(networkIds.Select(id => new NetworkAttachmentConfig { Target = id }));
        spec.Endpoint = new EndpointSpec();
        return spec;
    }
}
