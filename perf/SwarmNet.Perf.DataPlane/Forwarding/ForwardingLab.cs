using System.Net;
using System.Net.Sockets;
using SwarmNet.Linux;
using SwarmNet.Overlay;
using SwarmNet.Overlay.Balancing;
using SwarmNet.Overlay.Mesh;
using SwarmNet.Overlay.Networks;

namespace SwarmNet.Perf.DataPlane.Forwarding;

/// <summary>
/// Two hosts and an outside client on one segment. Clients' tasks live on host 1, the server's task on host 2. Networks across the hosts: demo (tasks
/// and virtual addresses), ingress (published ports), and routed1 and routed2, over which the outside client reaches the server by host 1 or 2 as mere router.
/// </summary>
internal sealed class ForwardingLab : IDisposable
{
    public const int ManyServices = 10_000;
    private const string IngressInterface = "swarm_ingress";
    private static readonly IPAddress _serverOnDemo = IPAddress.Parse("10.64.2.1");
    private readonly Lab _lab = new();
    private readonly List<OverlayPeer> _peers = [];
    private readonly List<OverlayNetwork> _networks = [];
    private readonly Dictionary<string, IServiceBalancer> _balancers = [];

    /// <param name="parts">What to build beyond the hosts and the direct path.</param>
    public ForwardingLab(Parts parts)
    {
        try
        {
            Segment("host1 10.99.0.1", "host2 10.99.0.2", "client 10.99.0.50");
            foreach (string task in (string[])["direct", "vip", "many", "server"])
            {
                _lab.Add(task);
            }

            Network("demo", 4097, "10.64.0.0/16", "direct 1 10.64.1.1", "vip 1 10.64.1.2", "many 1 10.64.1.3", "server 2 10.64.2.1");
            Network("ingress", 4096, "10.65.0.0/24", "host1 1 10.65.0.101", "host2 2 10.65.0.102", "server 2 10.65.0.21");
            Routed(1, "10.66.0", 4098);
            Routed(2, "10.67.0", 4099);

            if (parts.HasFlag(Parts.Services))
            {
                Balance("vip", 0);
                Balance("many", ManyServices - 1);
            }

            if (parts.HasFlag(Parts.Mesh))
            {
                Publish();
            }

            _lab.Own(new Servers(_lab["server"], _lab.PathOf("server"), _lab.Folder));
            _lab.Own(new Servers(_lab["host2"], _lab.PathOf("host2"), _lab.Folder));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    [Flags]
    public enum Parts
    {
        Direct = 0,
        Services = 1,
        Mesh = 2,
    }

    /// <summary>The address that is under measurement, of <see cref="OneService"/> and <see cref="ManyServicesPath"/>.</summary>
    public static IPAddress Vip { get; } = IPAddress.Parse("10.64.3.1");

    /// <summary>Task to task on another host.</summary>
    public TrafficPath Direct => From("direct", _serverOnDemo.ToString());

    /// <summary>Task to a virtual address, the only one in its namespace, whose backend is the same server.</summary>
    public TrafficPath OneService => From("vip", Vip.ToString());

    /// <summary>As <see cref="OneService"/>, with 10,000 virtual addresses in the namespace.</summary>
    public TrafficPath ManyServicesPath => From("many", Vip.ToString());

    /// <summary>Outside client to a port published on the host where the task is not.</summary>
    public TrafficPath MeshOtherHost => From("client", "10.99.0.1", 8080, 8081);

    /// <summary>Outside client to a port published on the task's own host.</summary>
    public TrafficPath MeshOwnHost => From("client", "10.99.0.2", 8080, 8081);

    /// <summary>The way of <see cref="MeshOtherHost"/> without the mesh: host 1 is a mere router.</summary>
    public TrafficPath RoutedOtherHost => From("client", "10.66.0.21");

    /// <summary>The way of <see cref="MeshOwnHost"/> without the mesh: host 2 is a mere router.</summary>
    public TrafficPath RoutedOwnHost => From("client", "10.67.0.21");

    /// <summary>Outside client to a process of host 2, without overlay.</summary>
    public TrafficPath HostProcess => From("client", "10.99.0.2");

    /// <summary>The balancer of the client with 10,000 services.</summary>
    public IServiceBalancer ManyBalancer => _balancers["many"];

    /// <summary>Services with four backends each that nobody asks, before them the one under measurement.</summary>
    /// <param name="others">How many that nobody asks.</param>
    public static List<VirtualService> Services(int others)
    {
        var services = new List<VirtualService>(others + 1) { new(Vip, [new Backend(_serverOnDemo)]) };
        for (int i = 0; i < others; i++)
        {
            services.Add(Unasked(i, 0));
        }

        return services;
    }

    /// <summary>One of the services that nobody asks.</summary>
    /// <param name="number">Which.</param>
    /// <param name="version">Another version has other backends.</param>
    public static VirtualService Unasked(int number, int version) => new(
        new IPAddress([10, 64, (byte)(100 + (number >> 8)), (byte)number]),
        [.. Enumerable.Range(1, 4).Select(i => new Backend(new IPAddress([10, 64, (byte)(200 + (version & 15)), (byte)i])))]);

    /// <summary>An overlay network; the first address of the subnet is the gateway's.</summary>
    public static OverlayNetworkOptions Options(string id, uint vni, string subnet, string vtep, NetworkNamespace host, string path) => new()
    {
        Id = id,
        Vni = vni,
        Subnet = IPv4Prefix.Parse(subnet),
        Gateway = IPv4Prefix.Parse(subnet).First,
        LocalVtep = IPAddress.Parse(vtep),
        NamespacePath = path,
        HostNamespace = host,
    };

    public void Dispose()
    {
        foreach (IServiceBalancer balancer in _balancers.Values)
        {
            balancer.Dispose();
        }

        foreach (OverlayNetwork network in _networks)
        {
            network.Delete();
        }

        _lab.Dispose();
    }

    private TrafficPath From(string client, string address, int httpPort = Servers.HttpPort, int bulkPort = Servers.BulkPort) =>
        new(_lab[client], _lab.PathOf(client), address, httpPort, bulkPort);

    private static PublishedPort Published(ushort port, int target) =>
        new(ProtocolType.Tcp, port, [new PortBackend(IPAddress.Parse("10.65.0.21"), (ushort)target)]);

    private void Segment(params string[] members)
    {
        _lab.Add("segment");
        _lab.Exec("segment", "ip link add br0 type bridge");
        _lab.Exec("segment", "ip link set br0 up");
        foreach (string member in members)
        {
            string[] parts = member.Split(' ');
            _lab.Add(parts[0]);
            _lab.Exec("segment", $"ip link add {parts[0]} type veth peer name eth0 netns {_lab.PathOf(parts[0])}");
            _lab.Exec("segment", $"ip link set {parts[0]} master br0 up");
            _lab.Exec(parts[0], $"ip addr add {parts[1]}/24 dev eth0");
            _lab.Exec(parts[0], "ip link set eth0 up");
            _lab.Exec(parts[0], "ip link set lo up");
        }
    }

    /// <param name="id">Name of the network, and of its interfaces.</param>
    /// <param name="vni">Its VNI.</param>
    /// <param name="subnet">Its subnet; the first address is the gateway's.</param>
    /// <param name="endpoints">Namespace, number of the host, address.</param>
    private void Network(string id, uint vni, string subnet, params string[] endpoints)
    {
        (string Namespace, int Host, IPAddress Address)[] all = [.. endpoints.Select(static e => e.Split(' '))
            .Select(static e => (e[0], int.Parse(e[1], System.Globalization.CultureInfo.InvariantCulture), IPAddress.Parse(e[2])))];
        for (int host = 1; host <= 2; host++)
        {
            OverlayNetwork network = OverlayNetwork.Open(Options(id, vni, subnet, $"10.99.0.{host}", _lab[$"host{host}"], _lab.PathOf($"host{host}-{id}")));
            _networks.Add(network);
            foreach ((string ns, _, IPAddress address) in all.Where(endpoint => endpoint.Host == host))
            {
                network.AttachEndpoint(_lab[ns], id == "ingress" && ns.StartsWith("host", StringComparison.Ordinal) ? IngressInterface : id, address);
            }

            network.SetPeers([.. all.Select(static endpoint => new OverlayPeer(endpoint.Address, IPAddress.Parse($"10.99.0.{endpoint.Host}")))]);
        }
    }

    /// <summary>The server sees the outside client's own address, as in a swarm.</summary>
    private void Publish()
    {
        foreach (string host in (string[])["host1", "host2"])
        {
            RoutingMesh mesh = _lab.Own(RoutingMesh.Open(new RoutingMeshOptions { Namespace = _lab[host], IngressInterface = IngressInterface }));
            mesh.SetPorts([Published(8080, Servers.HttpPort), Published(8081, Servers.BulkPort)]);
        }

        _lab.Own(ReturnPath.Open(new ReturnPathOptions
        {
            Namespace = _lab["server"],
            InterfaceName = "ingress",
            Address = IPAddress.Parse("10.65.0.21"),
            Subnet = IPv4Prefix.Parse("10.65.0.0/24"),
        }));
    }

    /// <summary>The outside client reaches the server's task over a network of its own, and is answered by the same host.</summary>
    private void Routed(int host, string subnet, uint vni)
    {
        Network($"routed{host}", vni, subnet + ".0/24", $"host{host} {host} {subnet}.101", $"server 2 {subnet}.21");
        _lab.Exec($"host{host}", "sysctl -qw net.ipv4.ip_forward=1");
        _lab.Exec("client", $"ip route add {subnet}.0/24 via 10.99.0.{host}");
        _lab.Exec("server", $"ip route add 10.99.0.0/24 via {subnet}.101 table {1000 + host}");
        _lab.Exec("server", $"ip rule add from {subnet}.21 lookup {1000 + host}");
    }

    private void Balance(string task, int others)
    {
        IServiceBalancer balancer = ServiceBalancer.Open(_lab[task]);
        _balancers.Add(task, balancer);
        balancer.SetServices(Services(others));
    }
}
