using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace SwarmNet.Dns;

/// <summary>
/// Asks upstream servers in order, over the transport of the client, from the namespace of the process. The next one is asked after a
/// timeout, an error, SERVFAIL or REFUSED; any other answer goes back as it is.
/// </summary>
internal sealed class DnsForwarder(TimeSpan timeout, TimeProvider time)
{
    /// <summary>The answer with the client's ID, or null when no server gave one.</summary>
    internal async Task<byte[]?> AskAsync(
        byte[] query, IReadOnlyList<IPEndPoint> upstreams, DnsTransport transport, CancellationToken cancellationToken)
    {
        // An ID of our own (and a port of the kernel's choice): a forged answer must guess both (RFC 5452).
        ushort clientId = BinaryPrimitives.ReadUInt16BigEndian(query);
        var request = (byte[])query.Clone();
        foreach (IPEndPoint upstream in upstreams)
        {
            BinaryPrimitives.WriteUInt16BigEndian(request, (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1));
            using var deadline = new CancellationTokenSource(timeout, time);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            try
            {
                byte[] answer = transport == DnsTransport.Udp
                    ? await AskUdpAsync(request, upstream, linked.Token)
                    : await AskTcpAsync(request, upstream, linked.Token);
                if ((DnsResponseCode)(answer[3] & 0xf) is not (DnsResponseCode.ServerFailure or DnsResponseCode.Refused))
                {
                    BinaryPrimitives.WriteUInt16BigEndian(answer, clientId);
                    return answer;
                }
            }
            catch (Exception e) when (e is SocketException or IOException
                || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // The next server.
            }
        }

        return null;
    }

    /// <summary>True when <paramref name="answer"/> is a response to <paramref name="request"/>: same ID, same question.</summary>
    internal static bool IsAnswerTo(ReadOnlySpan<byte> request, ReadOnlySpan<byte> answer)
    {
        if (answer.Length < DnsQuery.HeaderLength || !answer[..2].SequenceEqual(request[..2]) || (answer[2] & 0x80) == 0
            || DnsQuery.TryParse(request, out DnsQuery query) != DnsQueryStatus.Ok)
        {
            return false;
        }

        // A server may leave the question out of an error. Case must match: it is part of what a forger has to guess.
        return BinaryPrimitives.ReadUInt16BigEndian(answer[4..]) == 0
            ? (answer[3] & 0xf) != 0
            : answer[DnsQuery.HeaderLength..].StartsWith(query.Question);
    }

    private static async Task<byte[]> AskUdpAsync(byte[] request, IPEndPoint upstream, CancellationToken cancellationToken)
    {
        using var socket = new Socket(upstream.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(upstream, cancellationToken);
        await socket.SendAsync(request, SocketFlags.None, cancellationToken);
        byte[] buffer = new byte[ushort.MaxValue];
        while (true)
        {
            int length = await socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);
            if (IsAnswerTo(request, buffer.AsSpan(0, length)))
            {
                return buffer[..length];
            }
        }
    }

    private static async Task<byte[]> AskTcpAsync(byte[] request, IPEndPoint upstream, CancellationToken cancellationToken)
    {
        using var socket = new Socket(upstream.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(upstream, cancellationToken);
        using var stream = new NetworkStream(socket);
        await DnsTcpFraming.WriteAsync(stream, request, cancellationToken);
        byte[]? answer = await DnsTcpFraming.ReadAsync(stream, cancellationToken);
        return answer is not null && IsAnswerTo(request, answer) ? answer : throw new IOException($"{upstream} sent no answer to the query.");
    }
}
