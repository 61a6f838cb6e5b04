using System.Net;
using System.Net.Sockets;
using SwarmNet.Overlay.Balancing;

namespace SwarmNet.Overlay.Mesh;

/// <summary>A list of published ports, checked and in the shape that the kernel gets. Pure.</summary>
internal sealed class MeshWishes
{
    /// <summary>
    /// Most ports of a host. Each is held by a socket, and a port more than these is more likely a slip of the pen than meant.
    /// </summary>
    public const int MaxPorts = 16_384;

    // Fewer neighbours than this are not worth a range, which changes as a whole.
    private const int LeastMerged = 8;

    private MeshWishes()
    {
    }

    /// <summary>Targets by frontend.</summary>
    public Dictionary<ulong, WantedFrontend?> Frontends { get; } = [];

    /// <summary>Backends that shall not see the client's address.</summary>
    public HashSet<uint> Translated { get; } = [];

    /// <summary>Ports to be held, in order.</summary>
    public List<GuardedPort> Guarded { get; } = [];

    /// <exception cref="ArgumentException">A port makes no sense.</exception>
    /// <exception cref="PortConflictException">A port is there twice.</exception>
    /// <exception cref="OverlayException">There are too many.</exception>
    public static MeshWishes Of(IReadOnlyList<PublishedPort> ports)
    {
        var wishes = new MeshWishes();
        long count = 0;
        foreach (PublishedPort port in ports)
        {
            Check(port);
            count += port.LastPort - port.Port + 1;
        }

        if (count > MaxPorts)
        {
            throw new OverlayException($"{count} ports cannot be published, at most {MaxPorts} can: publish a narrower range.");
        }

        wishes.Guard(ports);
        foreach (PublishedPort port in Merge(ports))
        {
            wishes.Add(port);
        }

        return wishes;
    }

    /// <summary>Whether both say the same in the same order. Allocates nothing.</summary>
    public static bool AreSame(IReadOnlyList<PublishedPort> a, IReadOnlyList<PublishedPort> b)
    {
        if (a.Count != b.Count)
        {
            return false;
        }

        for (int i = 0; i < a.Count; i++)
        {
            if (a[i].Protocol != b[i].Protocol || a[i].Port != b[i].Port || a[i].LastPort != b[i].LastPort || !Equals(a[i].HostIp, b[i].HostIp)
                || !AreTreatedAlike(a[i], b[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The IP protocol number.</summary>
    public static byte Number(ProtocolType protocol) => (byte)protocol;

    private static void Check(PublishedPort port)
    {
        if (port.Protocol is not (ProtocolType.Tcp or ProtocolType.Udp or PublishedPort.Sctp) || port.Port == 0)
        {
            throw new ArgumentException($"Port {port.Port}/{port.Protocol} cannot be published: only TCP, UDP and SCTP ports from 1 on can.");
        }

        if (port.LastPort < port.Port)
        {
            throw new ArgumentException($"The range of ports {port.Port}-{port.LastPort} ends before it begins.");
        }

        if (port.HostIp is { } address && address.ToUInt32() is 0 or uint.MaxValue)
        {
            throw new ArgumentException($"Port {port.Port} cannot be published on {address}: it must be an address of this host.");
        }

        foreach (PortBackend backend in port.Backends)
        {
            _ = backend.Ip.ToUInt32(); // IPv4 only
            if (backend.Weight < 0 || backend.TargetPort == 0 || backend.TargetPort + port.LastPort - port.Port > ushort.MaxValue)
            {
                throw new ArgumentException(
                    $"The backend {backend.Ip}:{backend.TargetPort} of port {port.Port} makes no sense: its weight must be 0 or more and its ports from 1 to {ushort.MaxValue}.");
            }
        }
    }

    /// <summary>Neighbouring ports of one service, when none of them changes its number on the way, as ranges.</summary>
    private static IEnumerable<PublishedPort> Merge(IReadOnlyList<PublishedPort> ports)
    {
        var run = new List<PublishedPort>();
        foreach (PublishedPort port in ports.OrderBy(static port => port.Protocol).ThenBy(static port => port.Port))
        {
            if (run.Count > 0 && !(run[^1].Protocol == port.Protocol && run[^1].LastPort + 1 == port.Port && CanBeRange(port) && CanBeRange(run[0]) && Continues(run[0], port)))
            {
                foreach (PublishedPort merged in Flush(run))
                {
                    yield return merged;
                }

                run.Clear();
            }

            run.Add(port);
        }

        foreach (PublishedPort merged in Flush(run))
        {
            yield return merged;
        }

        static IEnumerable<PublishedPort> Flush(List<PublishedPort> run) => run.Count >= LeastMerged ? [run[0] with { LastPort = run[^1].LastPort }] : run;
    }

    private static bool CanBeRange(PublishedPort port) => port.HostIp is null && port.Backends.All(backend => backend.TargetPort == port.Port);

    private static bool Continues(PublishedPort first, PublishedPort next)
    {
        int offset = next.Port - first.Port;
        return first.Affinity == next.Affinity && first.Timeouts == next.Timeouts
            && first.Backends.Select(backend => backend with { TargetPort = (ushort)(backend.TargetPort + offset) }).SequenceEqual(next.Backends);
    }

    private static bool AreTreatedAlike(PublishedPort a, PublishedPort b)
    {
        if (a.Backends.Count != b.Backends.Count || a.Affinity != b.Affinity || a.Timeouts != b.Timeouts)
        {
            return false;
        }

        for (int i = 0; i < a.Backends.Count; i++)
        {
            PortBackend x = a.Backends[i];
            PortBackend y = b.Backends[i];
            if (x.TargetPort != y.TargetPort || x.Weight != y.Weight || x.TranslatesSource != y.TranslatesSource || !x.Ip.Equals(y.Ip))
            {
                return false;
            }
        }

        return true;
    }

    private void Guard(IReadOnlyList<PublishedPort> ports)
    {
        var twice = new List<GuardedPort>();
        var anywhere = new HashSet<(ProtocolType, int)>();
        var somewhere = new HashSet<(ProtocolType, int)>();
        var seen = new HashSet<GuardedPort>();
        foreach (PublishedPort port in ports)
        {
            for (int number = port.Port; number <= port.LastPort; number++)
            {
                var guarded = new GuardedPort(port.Protocol, (ushort)number, port.HostIp);
                bool isAnywhere = port.HostIp is null;
                if (!seen.Add(guarded) || anywhere.Contains((port.Protocol, number)) || (isAnywhere && somewhere.Contains((port.Protocol, number))))
                {
                    twice.Add(guarded);
                }
                else
                {
                    Guarded.Add(guarded);
                    (isAnywhere ? anywhere : somewhere).Add((port.Protocol, number));
                }
            }
        }

        if (twice.Count > 0)
        {
            throw PortConflictException.Twice(twice);
        }
    }

    private void Add(PublishedPort port)
    {
        byte protocol = Number(port.Protocol);
        foreach (PortBackend backend in port.Backends.Where(static backend => backend.TranslatesSource))
        {
            Translated.Add(backend.Ip.ToUInt32());
        }

        if (port.LastPort > port.Port && CanBeRange(port))
        {
            Frontends.Add(new PortFrontend(0, protocol, port.Port, port.LastPort).Id, Wanted(port, 0));
            return;
        }

        for (int offset = 0; offset <= port.LastPort - port.Port; offset++)
        {
            uint address = port.HostIp?.ToUInt32() ?? 0;
            Frontends.Add(new PortFrontend(address, protocol, (ushort)(port.Port + offset)).Id, Wanted(port, offset));
        }
    }

    /// <summary>A backend that is listed twice counts once.</summary>
    private static WantedFrontend Wanted(PublishedPort port, int offset)
    {
        WeightedTarget[] targets = [.. port.Backends
            .Select(backend => new WeightedTarget(((ulong)backend.Ip.ToUInt32() << 16) | (ushort)(backend.TargetPort + offset), backend.Weight))
            .DistinctBy(static target => target.Id)];
        return WantedFrontend.Of(targets, port.Affinity, port.Timeouts);
    }
}
