using System.Net;
using SwarmNet.Dns;
using SwarmNet.Linux;
using SwarmNet.Overlay.Balancing;
using SwarmNet.Overlay.Mesh;

namespace SwarmNet.Agent.Network;

/// <summary>One task's network namespace and what serves it.</summary>
internal sealed class SandboxState(string taskId, string name, NetworkNamespace ns, IReadOnlyList<LocalEndpoint> endpoints) : IDisposable
{
    public string TaskId { get; } = taskId;

    /// <summary>The task's name.</summary>
    public string Name { get; } = name;

    /// <summary>Its interface's address on the gateway; null for one on internal networks only.</summary>
    public IPAddress? GatewayAddress { get; set; }

    public NetworkNamespace Namespace { get; } = ns;

    /// <summary>Its interfaces on overlay networks, in order.</summary>
    public IReadOnlyList<LocalEndpoint> Endpoints { get; } = endpoints;

    /// <summary>Null for a sandbox without overlay networks: it has no services to reach by virtual address.</summary>
    public IServiceBalancer? Balancer { get; set; }

    /// <summary>Null likewise.</summary>
    public DnsRedirect? DnsRedirect { get; set; }

    /// <summary>Null likewise: it asks the host's name servers.</summary>
    public DnsEndpoint? Dns { get; set; }

    /// <summary>Null for a task that is not on the ingress network.</summary>
    public ReturnPath? ReturnPath { get; set; }

    /// <summary>What its container was told.</summary>
    public TaskSandbox Result { get; set; } = null!;

    public void Dispose()
    {
        Dns?.Dispose();
        ReturnPath?.Dispose();
        DnsRedirect?.Dispose();
        Balancer?.Dispose();
        Namespace.Dispose();
    }
}
