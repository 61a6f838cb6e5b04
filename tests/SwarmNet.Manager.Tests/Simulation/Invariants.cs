using SwarmNet.Manager.Reconcile;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Tests.Simulation;

/// <summary>What must hold after every single write.</summary>
internal static class Invariants
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static void Check(SimCluster cluster)
    {
        CheckAddresses(cluster);
        CheckPorts(cluster);
        CheckReasons(cluster);
    }

    /// <summary>No address belongs to two: gateways, virtual addresses, nodes, tasks that may run.</summary>
    private static void CheckAddresses(SimCluster cluster)
    {
        Dictionary<(string, string), string> owners = [];
        foreach (var network in cluster.View.Networks.All.Where(network => network.Ipam is not null))
        {
            foreach (var config in network.Ipam.Configs)
            {
                Own(network.Id, config.Gateway, "gateway");
            }
        }

        foreach (var service in cluster.View.Services.All)
        {
            foreach (var vip in service.Endpoint?.VirtualIps ?? [])
            {
                Own(vip.NetworkId, vip.Addr, $"service {service.Id}");
            }
        }

        foreach (var node in cluster.View.Nodes.All)
        {
            foreach (var attachment in node.Attachments)
            {
                foreach (var address in attachment.Addresses)
                {
                    Own(attachment.Network.Id, address, $"node {node.Id}");
                }
            }
        }

        foreach (var task in cluster.View.Tasks.All.Where(task => !task.IsDead()))
        {
            foreach (var attachment in task.Networks.Where(attachment => attachment.Addresses.Count > 0))
            {
                foreach (var address in attachment.Addresses)
                {
                    Own(attachment.Network.Id, address, $"task {task.Id}");
                }
            }
        }

        void Own(string networkId, string address, string owner)
        {
            var key = (networkId, address.Split('/')[0]);
            if (cluster.View.Networks.Get(networkId) is not null && !owners.TryAdd(key, owner))
            {
                Assert.Fail($"{address} belongs to {owners[key]} and to {owner}.{Environment.NewLine}{cluster.Dump()}");
            }
        }
    }

    private static void CheckPorts(SimCluster cluster)
    {
        Dictionary<uint, string> owners = [];
        foreach (var service in cluster.View.Services.All)
        {
            foreach (var port in service.Endpoint?.Ports.Where(port => port.PublishMode == PublishMode.Ingress) ?? [])
            {
                Assert.That(port.PublishedPort, Is.Not.Zero);
                if (!owners.TryAdd(port.PublishedPort, service.Id))
                {
                    Assert.Fail($"Port {port.PublishedPort} belongs to {owners[port.PublishedPort]} and to {service.Id}.");
                }
            }
        }
    }

    /// <summary>A task that waits for longer than a moment says why.</summary>
    private static void CheckReasons(SimCluster cluster)
    {
        foreach (var task in cluster.View.Tasks.All)
        {
            var waits = task.Status.State <= TaskState.Pending && task.DesiredState <= TaskState.Complete
                && cluster.View.Services.Get(task.ServiceId) is not null
                && cluster.Now - task.CreatedAt() > Patience;
            if (waits && task.Status.Err.Length == 0)
            {
                Assert.Fail($"Task {task.Id} waits in {task.Status.State} without a reason.{Environment.NewLine}{cluster.Dump()}");
            }
        }
    }
}
