using SwarmNet.Protocol;

namespace SwarmNet.Manager.Allocator;

/// <summary>Ingress ports of the swarm, per protocol: fixed ones as asked for, others from 30000 to 32767.</summary>
internal sealed class PublishedPorts
{
    private const uint FirstDynamic = 30000;
    private const uint LastDynamic = 32767;

    private readonly Dictionary<PortProtocol, SerialPool> _pools = [];

    /// <summary>
    /// The ports of a service with every number filled in, host-mode ports as they are; null, with a reason, when one cannot be had
    /// (nothing is taken then). <paramref name="held"/> is what the service has now: it stays reserved, and a dynamic port with the
    /// same name, protocol and target keeps its number. <paramref name="taken"/> are the numbers newly reserved.
    /// </summary>
    public List<PortConfig>? TryAllocate(
        IEnumerable<PortConfig> wanted, IReadOnlyList<PortConfig> held, out List<PortConfig> taken, out string? error)
    {
        var ports = wanted.Select(port => port.Clone()).ToList();
        HashSet<(PortProtocol, uint)> own = [.. held.Where(IsIngress).Select(port => (port.Protocol, port.PublishedPort))];
        taken = [];
        error = null;

        // Numbers that somebody asked for go first, so that no dynamic one gets in their way.
        foreach (var port in ports.Where(IsIngress).OrderBy(port => port.PublishedPort == 0))
        {
            if (port.PublishedPort == 0)
            {
                port.PublishedPort = KeptNumber(port, held, own);
            }

            if (port.PublishedPort != 0 && own.Remove((port.Protocol, port.PublishedPort)))
            {
                continue;
            }

            error = Take(port);
            if (error is not null)
            {
                Release(taken);
                return null;
            }

            taken.Add(port);
        }

        return ports;
    }

    public bool TryReserve(PortConfig port) =>
        port.PublishMode != PublishMode.Ingress || port.PublishedPort == 0 || Pool(port.Protocol).TryReserve(port.PublishedPort);

    public void Release(IEnumerable<PortConfig> ports)
    {
        foreach (var port in ports)
        {
            if (port.PublishMode == PublishMode.Ingress)
            {
                Pool(port.Protocol).Release(port.PublishedPort);
            }
        }
    }

    private static uint KeptNumber(PortConfig port, IReadOnlyList<PortConfig> held, HashSet<(PortProtocol, uint)> own) =>
        held.FirstOrDefault(old => IsIngress(old) && old.Name == port.Name && old.Protocol == port.Protocol
            && old.TargetPort == port.TargetPort && own.Contains((old.Protocol, old.PublishedPort)))?.PublishedPort ?? 0;

    private static bool IsIngress(PortConfig port) => port.PublishMode == PublishMode.Ingress;

    private string? Take(PortConfig port)
    {
        var pool = Pool(port.Protocol);
        if (port.PublishedPort != 0)
        {
            return pool.TryReserve(port.PublishedPort) ? null : $"port '{port.PublishedPort}' is already in use";
        }

        port.PublishedPort = pool.TryAllocate() ?? 0;
        return port.PublishedPort != 0 ? null : $"no port between {FirstDynamic} and {LastDynamic} is free";
    }

    private SerialPool Pool(PortProtocol protocol)
    {
        if (!_pools.TryGetValue(protocol, out var pool))
        {
            _pools[protocol] = pool = new SerialPool(FirstDynamic, LastDynamic);
        }

        return pool;
    }
}
