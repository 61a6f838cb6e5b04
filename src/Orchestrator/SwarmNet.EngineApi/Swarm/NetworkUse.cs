using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using SwarmNet.EngineApi.Mapping;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Swarm;

/// <summary>Who uses a cluster network, according to the store.</summary>
internal static class NetworkUse
{
    /// <summary>The network seen from a node; null when no task of the node runs on it, which is how Docker shows a network that is not built there.</summary>
    public static NetworkOnNode? OnNode(StoreView view, Network network, string nodeId, bool verbose)
    {
        var tasks = view.Tasks.All
            .Where(task => task.Status?.State == TaskState.Running && Attachment(task, network.Id) is not null)
            .OrderBy(task => task.Id, StringComparer.Ordinal).ToList();
        if (!tasks.Exists(task => task.NodeId == nodeId))
        {
            return null;
        }

        var endpoints = tasks.Where(task => task.NodeId == nodeId).Select(task => Endpoint(task, network.Id)).ToList();
        var peers = tasks.Select(task => task.NodeId).Distinct()
            .Select(id => new NetworkPeer(view.Nodes.Get(id)?.Description?.Hostname ?? id, Host(view, id))).ToList();
        return new NetworkOnNode(endpoints, peers, verbose ? Services(view, network.Id, tasks) : []);
    }

    private static NetworkAttachment? Attachment(SwarmTask task, string networkId) =>
        task.Networks.FirstOrDefault(attachment => attachment.Network?.Id == networkId);

    private static NetworkEndpoint Endpoint(SwarmTask task, string networkId)
    {
        var address = Attachment(task, networkId)!.Addresses.FirstOrDefault() ?? "";
        var address6 = Attachment(task, networkId)!.Addresses.FirstOrDefault(cidr => cidr.Contains(':', StringComparison.Ordinal)) ?? "";
        return new NetworkEndpoint(
            task.Status.Container?.ContainerId ?? task.Id, TaskNames.Of(task), EndpointId(task, networkId), MacAddress(address), address, address6);
    }

    private static List<NetworkService> Services(StoreView view, string networkId, List<SwarmTask> tasks) =>
    [
        .. tasks.GroupBy(task => task.ServiceId).Select(group => view.Services.Get(group.Key) is not { } service
            ? null
            : new NetworkService(
                service.Spec.Annotations.Name,
                service.Endpoint?.VirtualIps.FirstOrDefault(vip => vip.NetworkId == networkId)?.Addr.Split('/')[0] ?? "<nil>",
                [.. (service.Endpoint?.Ports ?? []).Where(port => port.PublishMode == PublishMode.Ingress && port.PublishedPort != 0)
                    .Select(port => string.Create(CultureInfo.InvariantCulture, $"Target: {port.TargetPort}, Publish: {port.PublishedPort}"))],
                [.. group.Select(task => new NetworkTask(
                    TaskNames.Of(task),
                    EndpointId(task, networkId),
                    (Attachment(task, networkId)!.Addresses.FirstOrDefault() ?? "").Split('/')[0],
                    Host(view, task.NodeId)))])).OfType<NetworkService>(),
    ];

    private static string Host(StoreView view, string nodeId) => view.Nodes.Get(nodeId)?.Status?.Addr ?? "";

    // Opaque to readers; the same task on the same network always has the same one.
    private static string EndpointId(SwarmTask task, string networkId) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{task.Id}/{networkId}")));

    /// <summary>libnetwork's rule: 02:42 and the four bytes of the IPv4 address.</summary>
    private static string MacAddress(string address) =>
        IPAddress.TryParse(address.Split('/')[0], out var ip) && ip.GetAddressBytes() is { Length: 4 } b
            ? $"02:42:{b[0]:x2}:{b[1]:x2}:{b[2]:x2}:{b[3]:x2}"
            : "";
}
