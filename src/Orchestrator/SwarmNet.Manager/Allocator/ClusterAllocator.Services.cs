using SwarmNet.Manager.Control;
using SwarmNet.Manager.Reconcile;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Allocator;

internal sealed partial class ClusterAllocator
{
    // Stands for the ingress network while there is none.
    private const string IngressKey = "ingress";

    // What each service holds: the endpoint that is stored.
    private readonly Dictionary<string, Endpoint> _services = new(StringComparer.Ordinal);

    private void ObserveService(Service? before, Service? after)
    {
        var id = (after ?? before)!.Id;
        var held = _services.GetValueOrDefault(id);
        if (after?.Endpoint is { } endpoint)
        {
            foreach (var port in endpoint.Ports)
            {
                _ports.TryReserve(port);
            }

            foreach (var vip in endpoint.VirtualIps)
            {
                _networks.GetValueOrDefault(vip.NetworkId)?.TryReserve(vip.Addr);
            }

            _services[id] = endpoint;
        }
        else
        {
            _services.Remove(id);
        }

        if (held is not null)
        {
            ReleaseDifference(held, after?.Endpoint);
        }

        if (after is null)
        {
            return;
        }

        if (IsAllocated(after))
        {
            WakeWaiting(id);
        }
        else
        {
            _pendingServices.Add(id);
        }
    }

    private void ReleaseDifference(Endpoint held, Endpoint? now)
    {
        var freed = held.Ports.Where(port => now is null || !now.Ports.Any(p =>
            p.PublishMode == PublishMode.Ingress && p.Protocol == port.Protocol && p.PublishedPort == port.PublishedPort)).ToList();
        _ports.Release(freed);
        foreach (var vip in held.VirtualIps)
        {
            if (now is null || !now.VirtualIps.Contains(vip))
            {
                Release(vip.NetworkId, vip.Addr);
            }
        }

        if (freed.Count > 0)
        {
            RetryStuck();
        }
    }

    /// <summary>Whether the stored endpoint is the one that the specification asks for.</summary>
    private bool IsAllocated(Service service) =>
        service.Endpoint is { } endpoint
        && Equals(endpoint.Spec, service.Spec.Endpoint)
        && VipNetworks(service).ToHashSet().SetEquals(endpoint.VirtualIps.Select(vip => vip.NetworkId));

    /// <summary>The networks on which the service has a virtual address: ingress first, then its overlays.</summary>
    private IEnumerable<string> VipNetworks(Service service)
    {
        if (service.Spec.Endpoint?.Mode == EndpointResolutionMode.Dnsrr)
        {
            return [];
        }

        var own = NetworkRules.Attachments(service.Spec).Select(attachment => attachment.Target).Where(id => !_nodeLocal.Contains(id));
        return NetworkRules.HasIngressPort(service.Spec) ? own.Prepend(_ingressId ?? IngressKey).Distinct() : own.Distinct();
    }

    private void PlanService(WriteBatch batch, StoreView view, string id)
    {
        if (view.Services.Get(id) is not { } service || IsAllocated(service))
        {
            return;
        }

        if (VipNetworks(service).FirstOrDefault(networkId => !_networks.ContainsKey(networkId)) is { } missing)
        {
            // The network is on its way, or gone.
            WaitFor(missing, _pendingServices, id);
            if (_stuck.Contains((_pendingNetworks, missing)))
            {
                Fail(id, $"no free subnet for network {view.Networks.Get(missing)?.Spec.Annotations.Name ?? missing}");
            }

            return;
        }

        var held = _services.GetValueOrDefault(id) ?? new Endpoint();
        var endpoint = new Endpoint { Spec = service.Spec.Endpoint?.Clone() };
        List<VirtualIP> added = [];
        foreach (var networkId in VipNetworks(service))
        {
            // One of each family that the network has, IPv4 first: of several on one network a stock engine takes the first.
            var network = _networks[networkId];
            foreach (var isIPv6 in (IEnumerable<bool>)(network.HasIPv6 ? [false, true] : [false]))
            {
                var vip = held.VirtualIps.FirstOrDefault(vip => vip.NetworkId == networkId && IsIPv6(vip.Addr) == isIPv6)?.Clone();
                if (vip is null)
                {
                    if (network.TryAllocate(isIPv6) is not { } address)
                    {
                        Abort();
                        Fail(id, $"no free address in network {network.Network.Spec.Annotations.Name} for the service");
                        Stuck(_pendingServices, id);
                        return;
                    }

                    added.Add(vip = new VirtualIP { NetworkId = networkId, Addr = address });
                }

                endpoint.VirtualIps.Add(vip);
            }
        }

        if (_ports.TryAllocate(service.Spec.Endpoint?.Ports ?? [], held.Ports, out var taken, out var error) is not { } ports)
        {
            Abort();
            Fail(id, error!);
            Stuck(_pendingServices, id);
            return;
        }

        endpoint.Ports.AddRange(ports);
        _serviceErrors.Remove(id);
        var planned = service.Spec;
        batch.Add(
            transaction =>
            {
                if (transaction.View.Services.Get(id) is not { } current || !current.Spec.Equals(planned))
                {
                    return false;
                }

                var allocated = current.Clone();
                allocated.Endpoint = endpoint.Clone();
                transaction.Update(allocated);
                return true;
            },
            () =>
            {
                Abort();
                _ports.Release(taken);
                _pendingServices.Add(id);
            });

        void Abort()
        {
            foreach (var vip in added)
            {
                _networks.GetValueOrDefault(vip.NetworkId)?.Release(vip.Addr);
            }
        }
    }

    private static bool IsIPv6(string cidr) => cidr.Contains(':', StringComparison.Ordinal);

    /// <summary>The service's tasks say why they wait.</summary>
    private void Fail(string serviceId, string reason)
    {
        if (_serviceErrors.GetValueOrDefault(serviceId) != reason)
        {
            _serviceErrors[serviceId] = reason;
            WakeWaiting(serviceId);
        }
    }
}
