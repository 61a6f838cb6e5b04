using System.Net;
using System.Net.Sockets;
using SwarmNet.Linux;

namespace SwarmNet.Dns;

/// <summary>The resolver inside one namespace. Disposing detaches it: sockets are closed, forwarded queries are dropped.</summary>
public sealed class DnsEndpoint : IDisposable
{
    private readonly DnsServer _server;
    private readonly DnsForwarder _forwarder;
    private readonly CancellationTokenSource _detached = new();
    private volatile ZoneView _zone;
    private volatile IReadOnlyList<IPEndPoint> _upstreams;
    private int _forwards;
    private int _connections;
    private int _disposed;

    internal DnsEndpoint(DnsServer server, DnsForwarder forwarder, DnsSockets sockets, ZoneView zone, IReadOnlyList<IPEndPoint> upstreams)
    {
        _server = server;
        _forwarder = forwarder;
        Sockets = sockets;
        _zone = zone;
        _upstreams = upstreams;
    }

    /// <summary>Port of the UDP socket on the listen address.</summary>
    public int UdpPort => Sockets.UdpPort;

    /// <summary>Port of the TCP listener on the listen address.</summary>
    public int TcpPort => Sockets.TcpPort;

    /// <summary>What the namespace may resolve now.</summary>
    public ZoneView Zone => _zone;

    internal DnsSockets Sockets { get; }

    /// <summary>Swaps in another snapshot; queries from now on see it.</summary>
    public void UpdateZone(ZoneView zone) => _zone = zone;

    /// <summary>Replaces the servers that unknown names are forwarded to, in order of preference; the first three count.</summary>
    public void UpdateUpstreams(IReadOnlyList<IPEndPoint> upstreams) => _upstreams = [.. upstreams.Take(3)];

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _server.Detach(this);
            _detached.Cancel();
            Sockets.Udp.Dispose();
            Sockets.Tcp.Dispose();
        }
    }

    /// <summary>Asks upstream and sends the result to the client; never throws.</summary>
    internal async Task ForwardUdpAsync(byte[] query, Libc.sockaddr_in client)
    {
        try
        {
            byte[] answer = await ForwardAsync(query, DnsTransport.Udp);
            SendUdp(answer, client);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // Detached meanwhile.
        }
    }

    internal unsafe void SendUdp(ReadOnlySpan<byte> answer, Libc.sockaddr_in client)
    {
        fixed (byte* p = answer)
        {
            // A full buffer or a client that is gone: as on any network, the packet is lost and the client asks again.
            _ = Libc.sendto(Sockets.Udp, p, (nuint)answer.Length, Libc.MSG_DONTWAIT, &client, (uint)sizeof(Libc.sockaddr_in));
        }
    }

    /// <summary>Serves one connection until it ends, idles too long or the endpoint is detached; never throws.</summary>
    internal async Task ServeTcpAsync(Socket socket)
    {
        DnsServerOptions options = _server.Options;
        try
        {
            using (socket)
            {
                if (Interlocked.Increment(ref _connections) > options.MaxTcpConnectionsPerEndpoint)
                {
                    return;
                }

                using var stream = new NetworkStream(socket);
                var random = new DnsRandom(_server.NextSeed());
                byte[] response = new byte[ushort.MaxValue];
                while (true)
                {
                    using var idle = new CancellationTokenSource(options.TcpIdleTimeout, options.Time);
                    using var linked = CancellationTokenSource.CreateLinkedTokenSource(idle.Token, _detached.Token);
                    if (await DnsTcpFraming.ReadAsync(stream, linked.Token) is not { } query)
                    {
                        return;
                    }

                    switch (DnsCore.Answer(query, _zone, DnsTransport.Tcp, ref random, response, out int length))
                    {
                        case DnsOutcome.Respond:
                            await DnsTcpFraming.WriteAsync(stream, response.AsMemory(0, length), linked.Token);
                            break;
                        case DnsOutcome.Forward:
                            await DnsTcpFraming.WriteAsync(stream, await ForwardAsync(query, DnsTransport.Tcp), _detached.Token);
                            break;
                        default:
                            return;
                    }
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or IOException or SocketException)
        {
            // The client went away, or idled too long, or we are detached.
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    }

    private async Task<byte[]> ForwardAsync(byte[] query, DnsTransport transport)
    {
        try
        {
            if (Interlocked.Increment(ref _forwards) > _server.Options.MaxForwardsPerEndpoint)
            {
                return Error(query, DnsResponseCode.Refused);
            }

            return await _forwarder.AskAsync(query, _upstreams, transport, _detached.Token) ?? Error(query, DnsResponseCode.ServerFailure);
        }
        finally
        {
            Interlocked.Decrement(ref _forwards);
        }
    }

    private static byte[] Error(byte[] query, DnsResponseCode code)
    {
        Span<byte> response = stackalloc byte[DnsCore.MinResponseLength];
        return response[..DnsCore.WriteError(query, code, response)].ToArray();
    }
}
