using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace SwarmNet.Dns;

/// <summary>A name server on the loopback of the process that answers by a function; UDP and TCP on one port.</summary>
internal sealed class FakeUpstream : IDisposable
{
    private readonly Socket _udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Socket _tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Func<byte[], byte[]?> _answer;

    internal FakeUpstream(Func<byte[], byte[]?> answer)
    {
        _answer = answer;
        _tcp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Address = (IPEndPoint)_tcp.LocalEndPoint!;
        _tcp.Listen();
        _udp.Bind(Address);
        _ = Task.Run(ServeUdpAsync);
        _ = Task.Run(ServeTcpAsync);
    }

    internal IPEndPoint Address { get; }

    /// <summary>Transports of the queries that arrived.</summary>
    internal ConcurrentQueue<DnsTransport> Received { get; } = new();

    public void Dispose()
    {
        _udp.Dispose();
        _tcp.Dispose();
    }

    /// <summary>An answer with one A record.</summary>
    internal static byte[] Address4(byte[] query, string address) => WithCode(query, 0, [0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, .. IPAddress.Parse(address).GetAddressBytes()]);

    /// <summary>An answer with an RCODE and raw records.</summary>
    internal static byte[] WithCode(byte[] query, byte code, byte[]? record = null)
    {
        int questionEnd = 12 + query.AsSpan(12).IndexOf((byte)0) + 5;
        byte[] answer = [.. query[..questionEnd], .. record ?? []];
        answer[2] = 0x81;
        answer[3] = (byte)(0x80 | code);
        answer[7] = (byte)(record is null ? 0 : 1);
        answer[11] = 0;
        return answer;
    }

    private async Task ServeUdpAsync()
    {
        byte[] buffer = new byte[65535];
        try
        {
            while (true)
            {
                SocketReceiveFromResult received = await _udp.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
                Received.Enqueue(DnsTransport.Udp);
                if (_answer(buffer[..received.ReceivedBytes]) is { } answer)
                {
                    await _udp.SendToAsync(answer, received.RemoteEndPoint);
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeTcpAsync()
    {
        try
        {
            while (true)
            {
                using Socket client = await _tcp.AcceptAsync();
                using var stream = new NetworkStream(client);
                if (await DnsTcpFraming.ReadAsync(stream, default) is { } query)
                {
                    Received.Enqueue(DnsTransport.Tcp);
                    if (_answer(query) is { } answer)
                    {
                        await DnsTcpFraming.WriteAsync(stream, answer, default);
                    }
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
        }
    }
}
