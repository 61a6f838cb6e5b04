using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Control;

/// <summary>
/// Published ports are shared by the whole swarm: an ingress port conflicts with any other service's port of the same number and
/// protocol, a host port only with other services' ingress ports (the scheduler keeps host ports apart).
/// </summary>
internal static class PortConflicts
{
    /// <summary>Ingress ports of a swarm at most: as many as the routing mesh of a node takes.</summary>
    public const int MaxIngressPorts = 16_384;

    public static void Check(StoreView view, EndpointSpec? endpoint, string serviceId)
    {
        CheckCount(view, endpoint, serviceId);
        var wanted = endpoint?.Ports.Where(port => port.PublishedPort != 0)
            .ToDictionary(port => (port.PublishedPort, port.Protocol), port => port.PublishMode);
        if (wanted is null or { Count: 0 })
        {
            return;
        }

        foreach (var service in view.Services.All)
        {
            if (service.Id != serviceId)
            {
                CheckAgainst(wanted, service, service.Spec?.Endpoint?.Ports);
                CheckAgainst(wanted, service, service.Endpoint?.Ports);
            }
        }
    }

    private static void CheckCount(StoreView view, EndpointSpec? endpoint, string serviceId)
    {
        var wanted = CountIngress(endpoint);
        var taken = wanted == 0 ? 0 : view.Services.All.Where(service => service.Id != serviceId).Sum(service => CountIngress(service.Spec?.Endpoint));
        if (wanted + taken > MaxIngressPorts)
        {
            throw Refuse.Invalid(
                $"EndpointSpec: {wanted} ports cannot be published: the services of a swarm can publish {MaxIngressPorts} together, and others have {taken} of them. Publish a narrower range.");
        }
    }

    private static int CountIngress(EndpointSpec? endpoint) => endpoint?.Ports.Count(port => port.PublishMode == PublishMode.Ingress) ?? 0;

    private static void CheckAgainst(
        Dictionary<(uint, PortProtocol), PublishMode> wanted, Service service, IEnumerable<PortConfig>? ports)
    {
        foreach (var port in ports ?? [])
        {
            if (!wanted.TryGetValue((port.PublishedPort, port.Protocol), out var mode)
                || (mode == PublishMode.Host && port.PublishMode == PublishMode.Host))
            {
                continue;
            }

            var kind = port.PublishMode == PublishMode.Ingress ? "an ingress port" : "a host-published port";
            throw Refuse.Invalid(
                $"port '{port.PublishedPort}' is already in use by service '{service.Spec!.Annotations.Name}' ({service.Id}) as {kind}");
        }
    }
}
