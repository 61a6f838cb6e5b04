using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using SwarmNet.Linux;
using SwarmNet.Netlink.Route;
using SwarmNet.Overlay.Networks;

namespace SwarmNet.Overlay.Kernel;

/// <summary>
/// Namespaces of one test and the processes' side of it: servers that answer with a name, clients that ask. All of it goes at
/// the end, also after a failure.
/// </summary>
internal sealed class TestNet : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);
    private static int _questions;
    private readonly string _folder = Directory.CreateTempSubdirectory($"swarmnet-overlay-{Environment.ProcessId}-").FullName;
    private readonly Dictionary<string, NetworkNamespace> _namespaces = [];
    private readonly List<IDisposable> _owned = [];
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Folder for namespace pins.</summary>
    public string Folder => _folder;

    public NetworkNamespace this[string name] => _namespaces[name];

    public NetworkNamespace Add(string name)
    {
        NetworkNamespace ns = NetworkNamespace.Create(Path.Combine(_folder, name));
        _namespaces.Add(name, ns);
        return ns;
    }

    /// <summary>Disposed before the namespaces go.</summary>
    public T Own<T>(T disposable)
        where T : IDisposable
    {
        _owned.Add(disposable);
        return disposable;
    }

    /// <summary>
    /// A namespace with a bridge named br0, and the others on it: <paramref name="members"/> are a namespace's name and the
    /// address with prefix of its interface <paramref name="interfaceName"/>, whose Ethernet address is made from it as overlays do.
    /// </summary>
    public void Switch(string name, string interfaceName, params (string Namespace, string Address)[] members)
    {
        // By netlink: in the guest kernel a process costs a quarter of a second, and every test makes one of these.
        using Rtnetlink hub = Rtnetlink.Open(Add(name));
        hub.Execute(new RtnetlinkBatch().AddLink(new BridgeSpec { Name = "br0", Up = true }));
        int bridge = hub.GetLink("br0").Index;
        foreach ((string ns, string address) in members)
        {
            NetworkNamespace member = _namespaces.TryGetValue(ns, out NetworkNamespace? known) ? known : Add(ns);
            string[] parts = address.Split('/');
            hub.Execute(new RtnetlinkBatch().AddLink(
                new VethSpec { Name = $"p-{ns}", Master = bridge, Up = true, Peer = new VethPeer { Name = interfaceName, Namespace = member, Address = OverlayNetwork.MacOf(IPAddress.Parse(parts[0])) } }));
            using Rtnetlink inside = Rtnetlink.Open(member);
            int link = inside.GetLink(interfaceName).Index;
            inside.Execute(new RtnetlinkBatch().SetUp(link).AddAddress(new AddressEntry
            {
                Link = link,
                Address = IPAddress.Parse(parts[0]),
                PrefixLength = byte.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture),
            }));
        }
    }

    /// <summary>Runs a tool inside a namespace; fails the test unless it exits with 0.</summary>
    public string Exec(string ns, string command) => ExecPath($"{_folder}/{ns}", command);

    /// <summary>As <see cref="Exec"/>, for a namespace that was not made here.</summary>
    public static string ExecPath(string path, string command)
    {
        using Process process = Process.Start(new ProcessStartInfo("nsenter", $"--net={path} {command}")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, $"{path}: {command}: {error.GetAwaiter().GetResult()}");
        return output;
    }

    /// <summary>Serves TCP on a port of a namespace: every connection gets <paramref name="answer"/> and the client's address,
    /// and is then closed, or with <paramref name="hold"/> kept open. Any protocol of streams will do: SCTP for one.</summary>
    public void ServeTcp(NetworkNamespace ns, ushort port, string answer, string address = "0.0.0.0", bool hold = false, int protocol = 0)
    {
        var local = new IPEndPoint(IPAddress.Parse(address), port);
        Socket listener = Own(OpenSocket(ns, SocketType.Stream, FamilyOf(local), protocol));
        listener.Bind(local);
        listener.Listen(100);
        _ = Loop();

        async Task Loop()
        {
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    Socket peer = await listener.AcceptAsync(_stop.Token);
                    using Socket? closed = hold ? null : peer;
                    string from = ((IPEndPoint)peer.RemoteEndPoint!).Address.ToString();
                    await peer.SendAsync(System.Text.Encoding.ASCII.GetBytes($"{answer} {from}"), _stop.Token);
                    if (hold)
                    {
                        Own(peer);
                    }
                    else
                    {
                        peer.Shutdown(SocketShutdown.Send);
                    }
                }
                catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
                {
                    if (_stop.IsCancellationRequested || e is ObjectDisposedException)
                    {
                        return;
                    }
                }
            }
        }
    }

    /// <summary>Serves UDP on a port of a namespace: every datagram is answered with its first byte, <paramref name="answer"/> and the client's address.</summary>
    public void ServeUdp(NetworkNamespace ns, ushort port, string answer, string address = "0.0.0.0")
    {
        var local = new IPEndPoint(IPAddress.Parse(address), port);
        Socket socket = Own(OpenSocket(ns, SocketType.Dgram, FamilyOf(local)));
        socket.Bind(local);
        _ = Loop();

        async Task Loop()
        {
            byte[] buffer = new byte[2048];
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    SocketReceiveFromResult got = await socket.ReceiveFromAsync(buffer, local, _stop.Token);
                    string from = ((IPEndPoint)got.RemoteEndPoint).Address.ToString();
                    await socket.SendToAsync(System.Text.Encoding.ASCII.GetBytes($"{(char)buffer[0]}{answer} {from}"), got.RemoteEndPoint, _stop.Token);
                }
                catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
                {
                    if (_stop.IsCancellationRequested || e is ObjectDisposedException)
                    {
                        return;
                    }
                }
            }
        }
    }

    /// <summary>What a TCP server answers to a client in the namespace.</summary>
    public static async Task<string> AskTcp(NetworkNamespace from, string address, int port, string? source = null, int protocol = 0)
    {
        var to = new IPEndPoint(IPAddress.Parse(address), port);
        using Socket socket = OpenSocket(from, SocketType.Stream, FamilyOf(to), protocol);
        if (source is not null)
        {
            socket.Bind(new IPEndPoint(IPAddress.Parse(source), 0));
        }

        using var timeout = new CancellationTokenSource(_patience);
        await socket.ConnectAsync(to, timeout.Token);
        byte[] buffer = new byte[256];
        int length = 0;
        int read;
        while ((read = await socket.ReceiveAsync(buffer.AsMemory(length), timeout.Token)) > 0)
        {
            length += read;
        }

        return System.Text.Encoding.ASCII.GetString(buffer, 0, length);
    }

    /// <summary>How often each server (the first word of its answer) served a number of connections.</summary>
    public static async Task<Dictionary<string, int>> CountTcp(NetworkNamespace from, string address, int port, int connections)
    {
        var counts = new Dictionary<string, int>();
        for (int i = 0; i < connections; i++)
        {
            string name = (await AskTcp(from, address, port)).Split(' ')[0];
            counts[name] = counts.GetValueOrDefault(name) + 1;
        }

        return counts;
    }

    /// <summary>What a UDP server answers; sent again every half second until then. A late answer to an earlier question does not count.</summary>
    public static async Task<string> AskUdp(Socket socket, string address, int port)
    {
        byte[] buffer = new byte[256];
        byte question = (byte)(Interlocked.Increment(ref _questions) & 0x7f);
        var to = new IPEndPoint(IPAddress.Parse(address), port);
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < _patience)
        {
            await socket.SendToAsync(new[] { question }, to);
            using var timeout = new CancellationTokenSource(500);
            try
            {
                while (true)
                {
                    SocketReceiveFromResult got = await socket.ReceiveFromAsync(buffer, to, timeout.Token);
                    if (buffer[0] == question)
                    {
                        return System.Text.Encoding.ASCII.GetString(buffer, 1, got.ReceivedBytes - 1);
                    }
                }
            }
            catch (OperationCanceledException)
            {
            }
        }

        throw new TimeoutException($"No answer from {to}/udp.");
    }

    public static async Task<string> AskUdp(NetworkNamespace from, string address, int port)
    {
        using Socket socket = OpenSocket(from, SocketType.Dgram, FamilyOf(new IPEndPoint(IPAddress.Parse(address), port)));
        return await AskUdp(socket, address, port);
    }

    /// <summary>
    /// Whether a datagram from a namespace to 127.0.0.1, sent to <paramref name="via"/> on the wire, arrives at the host that owns
    /// that address: what a neighbour can try on a host with route_localnet.
    /// </summary>
    public async Task<bool> ReachesLoopback(string from, string via, string host)
    {
        Exec(from, $"ip route replace 127.0.0.1/32 via {via}");
        Exec(from, "ip route flush table local 127.0.0.0/8");
        Exec(from, "ip route flush table local 127.0.0.1");
        using Socket server = OpenSocket(this[host], SocketType.Dgram);
        server.Bind(new IPEndPoint(IPAddress.Loopback, 7000));
        using Socket client = OpenSocket(this[from], SocketType.Dgram);
        using var timeout = new CancellationTokenSource(500);
        try
        {
            ValueTask<int> receive = server.ReceiveAsync(new byte[8], timeout.Token);
            await client.SendToAsync(new byte[] { 1 }, new IPEndPoint(IPAddress.Loopback, 7000));
            return await receive == 1;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static int FamilyOf(IPEndPoint endPoint) => endPoint.AddressFamily == AddressFamily.InterNetworkV6 ? Libc.AF_INET6 : Libc.AF_INET;

    /// <summary>Waits for a condition; fails the test when it does not hold in time.</summary>
    public static async Task Until(Func<bool> condition, TimeSpan limit, string what)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.That(watch.Elapsed, Is.LessThan(limit), what);
            await Task.Delay(20);
        }
    }

    public static Socket OpenSocket(NetworkNamespace ns, SocketType type, int family = Libc.AF_INET, int protocol = 0)
    {
        FileDescriptor fd = ns.OpenSocket(family, type == SocketType.Stream ? Libc.SOCK_STREAM : Libc.SOCK_DGRAM, protocol);
        return new Socket(new SafeSocketHandle(fd.Release(), ownsHandle: true));
    }

    public void Dispose()
    {
        _stop.Cancel();
        for (int i = _owned.Count - 1; i >= 0; i--)
        {
            _owned[i].Dispose();
        }

        foreach (NetworkNamespace ns in _namespaces.Values)
        {
            ns.Dispose();
        }

        foreach (string path in Directory.GetFiles(_folder))
        {
            NetworkNamespace.Delete(path);
        }

        Directory.Delete(_folder);
        _stop.Dispose();
    }
}
