using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using SwarmNet.Agent.Tasks;
using SwarmNet.Netlink;
using SwarmNet.Overlay;
using SwarmNet.Overlay.Mesh;
using SwarmNet.Protocol;
using MeshPort = SwarmNet.Overlay.Mesh.PublishedPort;

namespace SwarmNet.Agent.Network;

// Ports of this host: the routing mesh's, and those that a task publishes on its own node (mode=host). Callers hold the gate.
public sealed partial class NodeNetwork
{
    // linux/net/ipv4/inet_connection_sock.c: the local port range ends at 60999; what we choose ourselves is above it.
    private const ushort FirstEphemeralPort = 61000;

    private readonly PortProxy _proxy = new();
    private IReadOnlyList<GuardedPort> _notAnswered = [];
    private readonly Dictionary<string, List<MeshPort>> _hostPorts = new(StringComparer.Ordinal);

    private RoutingMesh Mesh()
    {
        WatchHost();
        return _mesh ??= RoutingMesh.Open(new RoutingMeshOptions
        {
            IngressInterface = IngressInterface,
            LocalSources = [Gateway().Subnet],
        });
    }

    /// <summary>Lets a task see its clients' own addresses: what it answers goes back through the node that was asked.</summary>
    private void ShowSources(SandboxState sandbox, OverlayState ingress, LocalEndpoint endpoint)
    {
        try
        {
            sandbox.ReturnPath = ReturnPath.Open(new ReturnPathOptions
            {
                Namespace = sandbox.Namespace,
                InterfaceName = endpoint.InterfaceName,
                Address = endpoint.Address,
                Subnet = ingress.Overlay.Options.Subnet,
                Ports = [.. endpoint.Service?.Ports.Select(p => new ServedPort((ProtocolType)p.Protocol, p.Published, p.Target)) ?? []],
            });
            endpoint.ShowsSource = true;
        }
        catch (NetlinkException e)
        {
            // The kernel lacks something. The mesh works all the same, with the nodes' addresses as sources.
            LogSourceHidden(sandbox.TaskId, e.Message);
        }
    }

    /// <summary>Publishes a task's host-mode ports on this node; null when it has none.</summary>
    private PortStatus? PublishHostPorts(SwarmTask task, string taskName, IPAddress backend)
    {
        var wanted = task.Endpoint?.Ports.Where(p => p.PublishMode == PublishMode.Host && p.Protocol is PortProtocol.Tcp or PortProtocol.Udp or PortProtocol.Sctp).ToList() ?? [];
        if (wanted.Count == 0)
        {
            return null;
        }

        var status = new PortStatus();
        var ports = new List<MeshPort>();
        foreach (var port in wanted)
        {
            var protocol = (ProtocolType)LocalEndpoint.ProtocolNumber(port.Protocol);
            var published = port.PublishedPort != 0 ? (ushort)port.PublishedPort : FreePort(protocol, ports);
            ports.Add(new MeshPort(protocol, published, [new PortBackend(backend, (ushort)port.TargetPort)]));
            var bound = port.Clone();
            bound.PublishedPort = published;
            status.Ports.Add(bound);
        }

        _hostPorts[task.Id] = ports;
        try
        {
            var all = AllPorts();
            Mesh().SetPorts(all);
            AnswerIPv6(all);
        }
        catch (OverlayException e)
        {
            _hostPorts.Remove(task.Id);
            throw new TaskException($"driver failed programming external connectivity on endpoint {taskName}: {e.Message}", inner: e);
        }

        return status;
    }

    private void UnpublishHostPorts(string taskId)
    {
        if (_hostPorts.Remove(taskId))
        {
            RefreshMesh();
        }
    }

    private void RefreshMesh()
    {
        var ports = AllPorts();
        while (true)
        {
            try
            {
                Mesh().SetPorts(ports);
                AnswerIPv6(ports);
                return;
            }
            catch (PortConflictException e) when (e.Ports.Count > 0)
            {
                // One port that a process of this host holds must not keep the others from being published.
                LogPortConflict(e.Message);
                var remaining = ports.Where(p => !e.Ports.Any(taken => taken.Protocol == p.Protocol && taken.Port == p.Port)).ToList();
                if (remaining.Count == ports.Count)
                {
                    return;
                }

                ports = remaining;
            }
            catch (OverlayException e)
            {
                // What was published stays so.
                LogPortConflict(e.Message);
                return;
            }
        }
    }

    /// <summary>The mesh is IPv4: on the host's IPv6 addresses its TCP ports are carried to it.</summary>
    private void AnswerIPv6(IReadOnlyList<MeshPort> ports)
    {
        var taken = _proxy.SetPorts(ports);
        if (taken.Except(_notAnswered).Any())
        {
            LogIPv6PortsTaken(string.Join(", ", taken));
        }

        _notAnswered = taken;
    }

    private List<MeshPort> AllPorts()
    {
        var ports = new Dictionary<(ProtocolType, ushort), MeshPort>();
        foreach (var network in _networks.Values.Where(n => n.Parameters.IsIngress))
        {
            foreach (var (key, port) in network.Names.PublishedPorts)
            {
                ports.TryAdd(((ProtocolType)key.Protocol, key.Port), port);
            }
        }

        foreach (var port in _hostPorts.Values.SelectMany(p => p))
        {
            // The scheduler keeps host-mode ports of different tasks apart; two of one number here are of a task and its successor.
            ports[(port.Protocol, port.Port)] = port;
        }

        return [.. ports.Values];
    }

    private ushort FreePort(ProtocolType protocol, List<MeshPort> more)
    {
        var taken = AllPorts().Concat(more).Where(p => p.Protocol == protocol).Select(p => p.Port).ToHashSet();
        for (var port = FirstEphemeralPort; port != 0; port++)
        {
            if (!taken.Contains(port))
            {
                return port;
            }
        }

        throw new TaskException("no free port is left on this node for a port published without a number");
    }

    [LoggerMessage(3009, LogLevel.Warning, "Task {TaskId} sees nodes' addresses instead of its clients': {Reason}")]
    private partial void LogSourceHidden(string taskId, string reason);

    [LoggerMessage(3011, LogLevel.Warning, "Another process of this host listens with IPv6 on published ports, which answer over IPv4 only: {Ports}")]
    private partial void LogIPv6PortsTaken(string ports);

    [LoggerMessage(3003, LogLevel.Error, "Some published ports do not answer on this node: {Reason}")]
    private partial void LogPortConflict(string reason);
}
