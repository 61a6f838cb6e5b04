using System.Net;
using System.Net.Sockets;
using SwarmNet.Linux;
using SwarmNet.Overlay.Kernel;
using SwarmNet.Overlay.Networks;

namespace SwarmNet.Overlay.Encryption;

/// <summary>One of several hosts at 10.99.0.N, with an encrypted network (VNI 4097, 10.0.1.0/24), a plain one (VNI 4098, 10.0.2.0/24), and a task on both.</summary>
internal sealed class EncryptedHost : IDisposable
{
    public const uint Secret = 4097;
    public const uint Plain = 4098;
    private readonly EncryptionLab _lab;
    private OverlayNetwork? _secret;
    private OverlayNetwork? _plain;

    public EncryptedHost(EncryptionLab lab, int number)
    {
        _lab = lab;
        Number = number;
        Namespace = lab.AddHost($"host{number}", Ip);
        Task = lab.Net.Add($"task{number}");
        Encryption = Open();
    }

    public int Number { get; }

    public string Ip => $"10.99.0.{Number}";

    public NetworkNamespace Namespace { get; }

    public NetworkNamespace Task { get; }

    public TunnelEncryption Encryption { get; private set; }

    public string SecretIp => $"10.0.1.{10 + Number}";

    public string PlainIp => $"10.0.2.{10 + Number}";

    public TunnelEncryption Open() =>
        TunnelEncryption.Open(new TunnelEncryptionOptions { LocalVtep = IPAddress.Parse(Ip), HostNamespace = Namespace });

    /// <summary>A new process takes over.</summary>
    public void Restart()
    {
        Encryption.Dispose();
        Encryption = Open();
    }

    public void OpenSecret()
    {
        Encryption.Protect(Secret);
        _secret = OpenNetwork("secret", Secret, "10.0.1", mtu: 1424);
        Encryption.Mark(Secret, _secret.Namespace);
        _secret.AttachEndpoint(Task, "eth0", IPAddress.Parse(SecretIp));
    }

    public void OpenPlain()
    {
        _plain = OpenNetwork("plain", Plain, "10.0.2", mtu: 1450);
        _plain.AttachEndpoint(Task, "eth1", IPAddress.Parse(PlainIp));
    }

    /// <summary>Enters the other hosts' tasks; first in the encryption, as is right.</summary>
    public void SetPeers(params EncryptedHost[] hosts)
    {
        if (_secret is not null)
        {
            Encryption.SetPeers(Secret, hosts.Select(host => IPAddress.Parse(host.Ip)));
        }

        SetForwarding(hosts);
    }

    /// <summary>Enters the other hosts' tasks in the tunnels alone.</summary>
    public void SetForwarding(params EncryptedHost[] hosts)
    {
        _secret?.SetPeers([.. hosts.Select(host => new OverlayPeer(IPAddress.Parse(host.SecretIp), IPAddress.Parse(host.Ip)))]);
        _plain?.SetPeers([.. hosts.Select(host => new OverlayPeer(IPAddress.Parse(host.PlainIp), IPAddress.Parse(host.Ip)))]);
    }

    public void CloseSecret()
    {
        _secret?.Delete();
        _secret = null;
        Encryption.Release(Secret);
    }

    /// <summary>Sends one datagram to a task, and nothing more.</summary>
    public void Shout(string address)
    {
        using Socket socket = TestNet.OpenSocket(Task, SocketType.Dgram);
        socket.SendTo("shout"u8.ToArray(), new IPEndPoint(IPAddress.Parse(address), 53));
    }

    public void Dispose()
    {
        _secret?.Dispose();
        _plain?.Dispose();
        Encryption.Dispose();
    }

    private OverlayNetwork OpenNetwork(string id, uint vni, string prefix, int mtu) => OverlayNetwork.Open(new OverlayNetworkOptions
    {
        Id = id,
        Vni = vni,
        Subnet = IPv4Prefix.Parse($"{prefix}.0/24"),
        Gateway = IPAddress.Parse($"{prefix}.1"),
        Mtu = mtu,
        LocalVtep = IPAddress.Parse(Ip),
        NamespacePath = Path.Combine(_lab.Net.Folder, $"host{Number}-{id}"),
        HostNamespace = Namespace,
    });
}
