using System.Net;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Network;

/// <summary>An endpoint of this node: a task's interface in a network, or the node's own.</summary>
/// <param name="Id">Key of its announcements: an <see cref="EndpointKey"/>.</param>
/// <param name="NetworkId">The network.</param>
/// <param name="InterfaceName">Inside the sandbox: <c>eth0</c>, <c>eth1</c>, …</param>
/// <param name="Address">Its address.</param>
/// <param name="PrefixLength">Prefix length of the subnet.</param>
internal sealed record LocalEndpoint(string Id, string NetworkId, string InterfaceName, IPAddress Address, int PrefixLength)
{
    /// <summary>Its IPv6 address; null = none.</summary>
    public InterfaceAddress? Address6 { get; init; }

    /// <summary>What it serves; null for the node's own endpoint, which serves nothing.</summary>
    public NetworkEndpoint? Service { get; init; }

    /// <summary>True once the task runs: only then is the service announced.</summary>
    public bool IsEnabled { get; set; }

    /// <summary>True while the task stops.</summary>
    public bool IsDisabled { get; set; }

    /// <summary>True once its answers leave by the node that was asked.</summary>
    public bool ShowsSource { get; set; }

    /// <summary>What others (and this node's own clients) may know of it now.</summary>
    public NetworkEndpoint? Announced => IsEnabled && Service is not null
        ? Service with { IsDisabled = IsDisabled, Policy = Service.Policy with { ShowsSource = ShowsSource } }
        : null;

    /// <summary>The endpoints of a task, in the order of its attachments.</summary>
    public static IReadOnlyList<LocalEndpoint> Of(SwarmTask task, string taskName, string containerId, ulong generation)
    {
        var endpoints = new List<LocalEndpoint>();
        foreach (var attachment in task.Networks)
        {
            if (attachment.Network?.DriverState?.Name != "overlay" || attachment.Addresses.Count == 0 || !TryParse(attachment.Addresses[0], out var address, out var prefix))
            {
                continue;
            }

            var id = EndpointKey.Of(generation, attachment.Network.Id, task.Id);
            var address6 = attachment.Addresses.Select(a => InterfaceAddress.TryParse6(a, out var parsed) ? parsed : null).FirstOrDefault(a => a is not null);
            endpoints.Add(new LocalEndpoint(id, attachment.Network.Id, $"eth{endpoints.Count}", address, prefix)
            {
                Address6 = address6,
                Service = ServiceOf(task, attachment, id, taskName, containerId, address) with { Address6 = address6?.Address, VirtualIp6 = VirtualIp6(task, attachment) },
            });
        }

        return endpoints;
    }

    /// <summary>Parses <c>10.0.1.5/24</c>.</summary>
    public static bool TryParse(string cidr, out IPAddress address, out int prefixLength)
    {
        var parts = cidr.Split('/');
        prefixLength = 0;
        if (IPAddress.TryParse(parts[0], out address!) && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork)
        {
            return parts.Length == 2 && int.TryParse(parts[1], out prefixLength) && prefixLength is >= 0 and <= 32;
        }

        address = IPAddress.None;
        return false;
    }

    private static NetworkEndpoint ServiceOf(SwarmTask task, NetworkAttachment attachment, string id, string taskName, string containerId, IPAddress address)
    {
        var vip = task.Endpoint?.VirtualIps.FirstOrDefault(v => v.NetworkId == attachment.Network.Id)?.Addr;
        var isIngress = attachment.Network.Spec?.Ingress == true;
        var ports = isIngress
            ? task.Endpoint?.Ports
                .Where(p => p.PublishMode == PublishMode.Ingress && p.PublishedPort != 0)
                .Select(p => new PublishedPort(ProtocolNumber(p.Protocol), (ushort)p.PublishedPort, (ushort)p.TargetPort)).ToList()
            : null;
        var aliases = new List<string> { containerId[..Math.Min(12, containerId.Length)] };
        if (task.Spec?.Container?.Hostname is { Length: > 0 } hostname && !hostname.Contains('{', StringComparison.Ordinal))
        {
            aliases.Add(hostname);
        }

        return new NetworkEndpoint(
            id,
            taskName,
            task.ServiceAnnotations?.Name ?? "",
            task.ServiceId,
            vip is not null && TryParse(vip, out var virtualIp, out _) ? virtualIp : null,
            address,
            ports ?? [],
            [.. attachment.Aliases],
            aliases,
            IsDisabled: false)
        {
            Policy = EndpointPolicy.Of(task),
        };
    }

    private static IPAddress? VirtualIp6(SwarmTask task, NetworkAttachment attachment) => task.Endpoint?.VirtualIps
        .Where(v => v.NetworkId == attachment.Network.Id)
        .Select(v => InterfaceAddress.TryParse6(v.Addr, out var parsed) ? parsed.Address : null).FirstOrDefault(a => a is not null);

    public static byte ProtocolNumber(PortProtocol protocol) => protocol switch
    {
        PortProtocol.Udp => 17,
        PortProtocol.Sctp => 132,
        _ => 6,
    };
}
