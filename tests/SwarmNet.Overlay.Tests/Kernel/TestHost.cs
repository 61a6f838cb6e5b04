using System.Net;
using System.Net.Sockets;
using SwarmNet.Linux;
using SwarmNet.Overlay.Gateway;
using SwarmNet.Overlay.Mesh;
using SwarmNet.Overlay.Networks;

namespace SwarmNet.Overlay.Kernel;

/// <summary>The data plane of one of several "hosts", each a namespace at 10.99.0.N on a common segment.</summary>
internal sealed class TestHost : IDisposable
{
    public const string IngressInterface = "swarm_ingress";
    private readonly TestNet _net;
    private readonly List<ReturnPath> _returnPaths = [];
    private readonly ReturnPathMode? _mode;

    public TestHost(TestNet net, int number, ReturnPathMode? mode = null)
    {
        _net = net;
        _mode = mode;
        Number = number;
        Demo = OpenNetwork("demo", 4097, "10.0.1.0/24", "10.0.1.1");
        Ingress = OpenNetwork("ingress", 4096, "10.0.0.0/24", "10.0.0.1");
        Ingress.AttachEndpoint(Namespace, IngressInterface, IngressIp);
        Gateway = HostGateway.Open(new HostGatewayOptions { Namespace = Namespace });
        Mesh = RoutingMesh.Open(new RoutingMeshOptions { Namespace = Namespace, IngressInterface = IngressInterface, LocalSources = [Gateway.Subnet] });
    }

    public int Number { get; }

    public string Name => $"host{Number}";

    public NetworkNamespace Namespace => _net[Name];

    public string Ip => $"10.99.0.{Number}";

    public IPAddress IngressIp => IPAddress.Parse($"10.0.0.{100 + Number}");

    public OverlayNetwork Demo { get; }

    public OverlayNetwork Ingress { get; }

    public HostGateway Gateway { get; }

    public RoutingMesh Mesh { get; }

    /// <summary>A task: 10.0.1.T on demo (eth0), 10.0.0.T on ingress (eth1), the gateway (eth2).</summary>
    public NetworkNamespace AddTask(string name, int number)
    {
        NetworkNamespace task = _net.Add(name);
        Attach(task, number);
        return task;
    }

    public void Attach(NetworkNamespace task, int number)
    {
        Demo.AttachEndpoint(task, "eth0", IPAddress.Parse($"10.0.1.{number}"));
        Ingress.AttachEndpoint(task, "eth1", IPAddress.Parse($"10.0.0.{number}"));
        Gateway.Attach(task, "eth2");
        _returnPaths.Add(ReturnPath.Open(new ReturnPathOptions
        {
            Namespace = task,
            InterfaceName = "eth1",
            Address = IPAddress.Parse($"10.0.0.{number}"),
            Subnet = Ingress.Options.Subnet,
            Ports = [new ServedPort(ProtocolType.Tcp, 8080, 80), new ServedPort(ProtocolType.Udp, 5300, 53)],
            Mode = _mode,
        }));
        _returnPaths[^1].SetEntries([.. Enumerable.Range(101, 3).Select(static host => IPAddress.Parse($"10.0.0.{host}"))]);
    }

    public IReadOnlyList<ReturnPath> ReturnPaths => _returnPaths;

    public void Dispose()
    {
        _returnPaths.ForEach(static path => path.Dispose());
        Mesh.Dispose();
        Gateway.Dispose();
        Ingress.Dispose();
        Demo.Dispose();
    }

    public void Delete()
    {
        Mesh.Delete();
        Mesh.Dispose();
        Gateway.Delete();
        Ingress.Delete();
        Demo.Delete();
    }

    private OverlayNetwork OpenNetwork(string id, uint vni, string subnet, string gateway) => OverlayNetwork.Open(new OverlayNetworkOptions
    {
        Id = id,
        Vni = vni,
        Subnet = IPv4Prefix.Parse(subnet),
        Gateway = IPAddress.Parse(gateway),
        LocalVtep = IPAddress.Parse(Ip),
        NamespacePath = Path.Combine(_net.Folder, $"{Name}-{id}"),
        HostNamespace = Namespace,
    });
}
