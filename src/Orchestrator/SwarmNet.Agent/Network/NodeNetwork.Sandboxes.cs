using System.Net;
using Google.Protobuf;
using SwarmNet.Linux;
using SwarmNet.Netlink.Route;
using SwarmNet.Overlay;
using SwarmNet.Overlay.Balancing;
using SwarmNet.Overlay.Gateway;
using SwarmNet.Overlay.Networks;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Network;

// Sandboxes and networks: building, adopting, tearing down. Callers hold the gate.
public sealed partial class NodeNetwork
{
    private const string SandboxPrefix = "task-";
    private const string NetworkPrefix = "net-";
    private const string IngressInterface = "swarm_ingress";

    private string SandboxPath(string taskId) => Path.Combine(_options.NamespaceDirectory, SandboxPrefix + taskId);

    private string NetworkPath(string networkId) => Path.Combine(_options.NamespaceDirectory, NetworkPrefix + networkId);

    private SandboxState BuildSandbox(SwarmTask task, string containerId)
    {
        var name = TaskName.Of(task);
        var endpoints = LocalEndpoint.Of(task, name, containerId, _generation);
        var networks = new List<(OverlayState State, LocalEndpoint Endpoint)>();
        var isAdopted = File.Exists(SandboxPath(task.Id));
        var ns = OpenOrCreate(SandboxPath(task.Id));
        var sandbox = new SandboxState(task.Id, name, ns, endpoints);
        try
        {
            foreach (var endpoint in endpoints)
            {
                var message = task.Networks.First(a => a.Network.Id == endpoint.NetworkId).Network;
                var network = AcquireNetwork(message, task.Id);
                networks.Add((network, endpoint));
                network.Overlay.AttachEndpoint(ns, endpoint.InterfaceName, endpoint.Address, address6: endpoint.Address6?.Address);
                network.Local.Add(endpoint.Id, endpoint);
            }

            IPAddress? gatewayAddress = null;
            if (networks.Count == 0 || networks.Any(n => !n.State.Parameters.IsInternal))
            {
                gatewayAddress = Gateway().Attach(ns, $"eth{endpoints.Count}");
            }

            sandbox.GatewayAddress = gatewayAddress;
            if (gatewayAddress is not null && networks.Find(n => n.State.Parameters.IsIngress) is { State: { } ingress } found)
            {
                ShowSources(sandbox, ingress, found.Endpoint);
            }

            var ports = gatewayAddress is null ? null : PublishHostPorts(task, name, gatewayAddress);
            var resolvConf = TaskResolver.ReadHost(_options.ResolvConfPath).With(task.Spec?.Container?.DnsConfig);
            var resolvText = resolvConf.ToText();
            if (networks.Count > 0)
            {
                resolvText = resolvConf.ForNamespace(_resolver);
                sandbox.Balancer = ServiceBalancer.Open(ns, _options.Balancer);
                sandbox.Dns = _dns.Attach(ns, ZoneOf(endpoints), resolvConf.Upstreams);
                sandbox.DnsRedirect = DnsRedirect.Open(ns);
                sandbox.DnsRedirect.Set(_resolver, (ushort)sandbox.Dns.UdpPort, (ushort)sandbox.Dns.TcpPort);
            }

            List<IPAddress> addresses = [.. endpoints.Select(e => e.Address), .. endpoints.Select(e => e.Address6?.Address).OfType<IPAddress>()];
            if (gatewayAddress is not null)
            {
                addresses.Add(gatewayAddress);
            }

            sandbox.Result = new TaskSandbox(SandboxPath(task.Id), addresses, resolvText, ports);
            Update(sandbox);
        }
        catch when (isAdopted)
        {
            // A container may run in it: what works goes on working, and the caller tries again or removes it.
            LetGo(sandbox);
            throw;
        }
        catch
        {
            Demolish(sandbox);
            throw;
        }

        foreach (var (network, endpoint) in networks)
        {
            Announce(network, endpoint);
        }

        return sandbox;
    }

    /// <summary>Takes a sandbox and all that only it needed away; works on a half-built one too.</summary>
    private void Demolish(SandboxState sandbox)
    {
        UnpublishHostPorts(sandbox.TaskId);
        sandbox.Dispose();
        // The links go with the namespace; nothing waits for them.
        NetworkNamespace.Delete(SandboxPath(sandbox.TaskId));
        foreach (var endpoint in sandbox.Endpoints)
        {
            if (!_networks.TryGetValue(endpoint.NetworkId, out var network))
            {
                continue;
            }

            _tables?.Withdraw(endpoint.NetworkId, endpoint.Id);
            if (network.Local.Remove(endpoint.Id))
            {
                network.Overlay.DetachEndpoint(endpoint.Address);
                _refresh.Request(endpoint.NetworkId);
            }

            network.Users.Remove(sandbox.TaskId);
            ReleaseNetwork(network);
        }
    }

    /// <summary>Forgets a sandbox of which only a part could be adopted; its namespace, and the networks that it is on, stay.</summary>
    private void LetGo(SandboxState sandbox)
    {
        _hostPorts.Remove(sandbox.TaskId);
        sandbox.Dispose();
        foreach (var endpoint in sandbox.Endpoints)
        {
            if (_networks.TryGetValue(endpoint.NetworkId, out var network))
            {
                network.Local.Remove(endpoint.Id);
            }
        }
    }

    /// <summary>Removes a sandbox that an earlier start of the daemon left and this one has not adopted.</summary>
    private void RemoveUnadopted(string taskId)
    {
        if (!File.Exists(SandboxPath(taskId)))
        {
            return;
        }

        EndpointNamespace.Delete(SandboxPath(taskId));
        foreach (var network in _networks.Values.ToList())
        {
            network.Overlay.DropLostEndpoints();
            if (network.Users.Remove(taskId))
            {
                ReleaseNetwork(network);
            }
        }

        RemoveUnusedNetworks();
    }

    /// <summary>Networks of an earlier start of the daemon whose last task is gone: a network made later may need their VNI.</summary>
    private void RemoveUnusedNetworks()
    {
        foreach (var path in Directory.GetFiles(_options.NamespaceDirectory, NetworkPrefix + "*"))
        {
            if (!_networks.ContainsKey(Path.GetFileName(path)[NetworkPrefix.Length..]))
            {
                OverlayNetwork.DeleteUnused(path);
            }
        }
    }

    private OverlayState AcquireNetwork(Protocol.Network message, string user, Remembrance? remembered = null)
    {
        if (!_networks.TryGetValue(message.Id, out var state))
        {
            var parameters = OverlayParameters.Of(message, UnderlayMtu(), _options.TunnelAddress.AddressFamily);
            Secure(parameters);
            var overlay = OverlayNetwork.Open(new OverlayNetworkOptions
            {
                Id = parameters.Id,
                Vni = parameters.Vni,
                Subnet = parameters.Subnets[0].Subnet,
                Gateway = parameters.Subnets[0].Gateway,
                MoreSubnets = [.. parameters.Subnets.Skip(1)],
                IPv6Subnet = parameters.Subnet6,
                Mtu = parameters.Mtu,
                Port = _dataPort,
                LocalVtep = _options.TunnelAddress,
                NamespacePath = NetworkPath(parameters.Id),
            });
            if (parameters.IsEncrypted)
            {
                Encryption().Mark(parameters.Vni, overlay.Namespace);
            }

            state = new OverlayState(parameters, message.ToByteArray(), overlay) { Remembered = remembered };
            _networks.Add(parameters.Id, state);
            _tables?.Join(parameters.Id);
            Refresh(state);
        }

        state.Users.Add(user);
        return state;
    }

    private void ReleaseNetwork(OverlayState network)
    {
        if (network.Users.Count > 0 || !_networks.Remove(network.Parameters.Id))
        {
            return;
        }

        _tables?.Leave(network.Parameters.Id);
        network.Overlay.Delete();
        foreach (var subnet in network.Parameters.Subnets)
        {
            Encryption().Release(subnet.Vni);
        }

        _saving.Request(network.Parameters.Id);
    }

    private void JoinIngress(NetworkAttachment attachment)
    {
        if (attachment.Addresses.Count == 0 || !LocalEndpoint.TryParse(attachment.Addresses[0], out var address, out var prefix))
        {
            return;
        }

        var network = AcquireNetwork(attachment.Network, OverlayState.NodeUser);
        var id = EndpointKey.Of(_generation, network.Parameters.Id, $"{OverlayState.NodeUser} {_options.TunnelAddress}");
        if (network.Local.TryGetValue(id, out var present))
        {
            if (present.Address.Equals(address))
            {
                return;
            }

            network.Overlay.DetachEndpoint(present.Address);
            network.Local.Remove(id);
            _tables?.Withdraw(network.Parameters.Id, id);
        }

        using var home = NetworkNamespace.OpenCurrent();
        network.Overlay.AttachEndpoint(home, IngressInterface, address);
        var endpoint = new LocalEndpoint(id, network.Parameters.Id, IngressInterface, address, prefix);
        network.Local.Add(id, endpoint);
        Announce(network, endpoint);
        Refresh(network);
    }

    private HostGateway Gateway()
    {
        WatchHost();
        return _gateway ??= HostGateway.Open(new HostGatewayOptions { Name = _options.GatewayBridge, Mtu = UnderlayMtu() });
    }

    /// <summary>The MTU of the link that has the tunnel's address; Ethernet's where no link has it.</summary>
    private int UnderlayMtu()
    {
        const int Ethernet = 1500;
        if (_options.UnderlayMtu is { } given)
        {
            return given;
        }

        using var links = Rtnetlink.Open();
        var link = links.GetAddresses().FirstOrDefault(a => a.Address.Equals(_options.TunnelAddress))?.Link;
        // Loopback's 65536 is no MTU of a network.
        return link is { } index && links.FindLink(index) is { Mtu: <= ushort.MaxValue and var mtu } ? mtu : Ethernet;
    }

    private static NetworkNamespace OpenOrCreate(string path) => File.Exists(path) ? NetworkNamespace.Open(path) : NetworkNamespace.Create(path);

    /// <summary>A power cut takes the mounts away and leaves their files.</summary>
    private static void RemoveDeadPins(string folder)
    {
        foreach (var path in Directory.GetFiles(folder))
        {
            try
            {
                using var ns = NetworkNamespace.Open(path);
                ns.Run(static () => 0);
            }
            catch (LinuxException)
            {
                NetworkNamespace.Delete(path);
            }
        }
    }
}
