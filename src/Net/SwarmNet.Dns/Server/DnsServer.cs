using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using SwarmNet.Linux;

namespace SwarmNet.Dns;

/// <summary>
/// Serves any number of namespaces from one thread of the process: their sockets are opened inside, watched by one epoll, and local
/// names are answered on that thread. Forwarding and TCP run on the thread pool.
/// </summary>
public sealed unsafe class DnsServer : IDisposable
{
    private const ulong StopKey = 0;
    private const int MaxDatagramsPerTurn = 64;

    private readonly Epoll _epoll = new();
    private readonly FileDescriptor _stop = Libc.eventfd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK).OrThrow("eventfd");
    private readonly ConcurrentDictionary<ulong, DnsEndpoint> _endpoints = new();
    private readonly ConcurrentDictionary<DnsEndpoint, ulong> _keys = new();
    private readonly DnsForwarder _forwarder;
    private readonly Thread _thread;
    private ulong _lastKey;
    private ulong _seed;
    private int _disposed;

    private DnsServer(DnsServerOptions options)
    {
        Options = options;
        _seed = options.Seed ?? BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
        _forwarder = new DnsForwarder(options.UpstreamTimeout, options.Time);
        _epoll.Add(_stop, Libc.EPOLLIN, StopKey);
        _thread = new Thread(Loop, 512 * 1024) { IsBackground = true, Name = "dns" };
    }

    internal DnsServerOptions Options { get; }

    /// <summary>Starts the serving thread, in the namespace of the process.</summary>
    public static DnsServer Start(DnsServerOptions? options = null)
    {
        var server = new DnsServer(options ?? new DnsServerOptions());
        server._thread.Start();
        return server;
    }

    /// <summary>Opens the sockets inside a namespace, where <c>lo</c> must be up, and serves them.</summary>
    /// <param name="ns">The namespace; null = that of the process. Need not be kept open.</param>
    /// <param name="zone">What it may resolve; see <see cref="DnsEndpoint.UpdateZone"/>.</param>
    /// <param name="upstreams">Where other names are forwarded to; the first three count. They are asked from the process's namespace.</param>
    public DnsEndpoint Attach(NetworkNamespace? ns, ZoneView zone, IReadOnlyList<IPEndPoint> upstreams)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        DnsSockets sockets = DnsSockets.Open(ns, Options.ListenAddress);
        var endpoint = new DnsEndpoint(this, _forwarder, sockets, zone, [.. upstreams.Take(3)]);

        // Even keys are UDP, the odd one that follows is the TCP listener of the same endpoint.
        ulong key = Interlocked.Add(ref _lastKey, 2);
        _endpoints[key] = endpoint;
        _keys[endpoint] = key;
        _epoll.Add(sockets.Udp, Libc.EPOLLIN, key);
        _epoll.Add(sockets.Tcp, Libc.EPOLLIN, key + 1);
        return endpoint;
    }

    /// <summary>Detaches all endpoints and ends the thread.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        ulong one = 1;
        _ = Libc.write(_stop, (byte*)&one, sizeof(ulong));
        _thread.Join();
        foreach (DnsEndpoint endpoint in _keys.Keys)
        {
            endpoint.Dispose();
        }

        _epoll.Dispose();
        _stop.Dispose();
    }

    internal void Detach(DnsEndpoint endpoint)
    {
        if (_keys.TryRemove(endpoint, out ulong key))
        {
            _endpoints.TryRemove(key, out _);
            _epoll.Remove(endpoint.Sockets.Udp);
            _epoll.Remove(endpoint.Sockets.Tcp);
        }
    }

    internal ulong NextSeed() => Interlocked.Add(ref _seed, 0x9e3779b97f4a7c15);

    private void Loop()
    {
        var random = new DnsRandom(NextSeed());
        Span<ulong> keys = stackalloc ulong[64];
        byte[] query = GC.AllocateArray<byte>(ushort.MaxValue, pinned: true);
        byte[] response = GC.AllocateArray<byte>(DnsCore.MaxUdpLength, pinned: true);
        while (true)
        {
            int count = _epoll.Wait(keys, -1);
            foreach (ulong key in keys[..count])
            {
                if (key == StopKey)
                {
                    return;
                }

                if (!_endpoints.TryGetValue(key & ~1ul, out DnsEndpoint? endpoint))
                {
                    continue;
                }

                try
                {
                    if ((key & 1) == 0)
                    {
                        ReceiveUdp(endpoint, query, response, ref random);
                    }
                    else
                    {
                        AcceptTcp(endpoint);
                    }
                }
                catch (ObjectDisposedException)
                {
                    // Detached while its event was on the way.
                }
            }
        }
    }

    private static void ReceiveUdp(DnsEndpoint endpoint, byte[] query, byte[] response, ref DnsRandom random)
    {
        // Bounded, so that one busy namespace does not starve the others; epoll is level-triggered and comes back.
        for (int i = 0; i < MaxDatagramsPerTurn; i++)
        {
            Libc.sockaddr_in client;
            uint clientLength = (uint)sizeof(Libc.sockaddr_in);
            nint length;
            fixed (byte* p = query)
            {
                length = Libc.recvfrom(endpoint.Sockets.Udp, p, (nuint)query.Length, Libc.MSG_DONTWAIT, &client, &clientLength);
            }

            if (length < 0)
            {
                return; // EAGAIN, or an ICMP error of an earlier answer: nothing is lost by coming back
            }

            ReadOnlySpan<byte> message = query.AsSpan(0, (int)length);
            switch (DnsCore.Answer(message, endpoint.Zone, DnsTransport.Udp, ref random, response, out int answerLength))
            {
                case DnsOutcome.Respond:
                    endpoint.SendUdp(response.AsSpan(0, answerLength), client);
                    break;
                case DnsOutcome.Forward:
                    Forward(endpoint, message.ToArray(), client);
                    break;
            }
        }
    }

    /// <summary>Runs on the pool, so that no continuation ever runs on the serving thread.</summary>
    private static void Forward(DnsEndpoint endpoint, byte[] query, Libc.sockaddr_in client) =>
        _ = Task.Run(() => endpoint.ForwardUdpAsync(query, client));

    private static void AcceptTcp(DnsEndpoint endpoint)
    {
        FileDescriptor accepted = Libc.accept4(endpoint.Sockets.Tcp, null, null, Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK);
        if (accepted.IsInvalid)
        {
            return;
        }

        var socket = new Socket(new SafeSocketHandle(accepted.Release(), ownsHandle: true));
        _ = Task.Run(() => endpoint.ServeTcpAsync(socket));
    }
}
