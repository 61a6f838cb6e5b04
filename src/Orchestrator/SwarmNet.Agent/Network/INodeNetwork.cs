using System.Net;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Network;

/// <summary>The network of this node, seen by the executor: one sandbox (network namespace) per task.</summary>
public interface INodeNetwork
{
    /// <summary>
    /// Makes the task's sandbox ready for its first instruction: namespace, one interface per overlay network, the gateway
    /// interface, host-mode ports, load balancer, DNS. Idempotent: after a daemon restart it adopts what is there.
    /// Throws <see cref="Tasks.TaskException"/> with a sentence for the user.
    /// </summary>
    Task<TaskSandbox> CreateSandboxAsync(SwarmTask task, string containerId, CancellationToken cancellationToken);

    /// <summary>The task runs (healthy): enter it into service discovery and load balancing everywhere.</summary>
    Task EnableServiceAsync(string taskId, CancellationToken cancellationToken);

    /// <summary>The task is about to stop: take it out of service discovery and load balancing everywhere; returns once announced.</summary>
    Task DisableServiceAsync(string taskId, CancellationToken cancellationToken);

    /// <summary>Removes the sandbox; networks whose last task this was are torn down. Unknown tasks are ignored.</summary>
    Task RemoveSandboxAsync(string taskId, CancellationToken cancellationToken);
}

/// <summary>A task's network as its container sees it.</summary>
/// <param name="NamespacePath">Path of the network namespace, for the OCI bundle.</param>
/// <param name="Addresses">The task's own addresses, overlay networks first; for /etc/hosts.</param>
/// <param name="ResolvConf">Contents of /etc/resolv.conf.</param>
/// <param name="Ports">Host-mode ports actually bound; null when there are none.</param>
public sealed record TaskSandbox(string NamespacePath, IReadOnlyList<IPAddress> Addresses, string ResolvConf, PortStatus? Ports);
