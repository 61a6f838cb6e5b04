using System.Net;
using System.Net.Sockets;

namespace SwarmNet.Gossip.Node;

/// <summary>Opens the two sockets of a node.</summary>
internal static class SocketHelper
{
    public static (Socket Udp, Socket Tcp) Bind(IPEndPoint endPoint)
    {
        Socket? udp = null;
        Socket? tcp = null;
        try
        {
            tcp = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            tcp.Bind(endPoint);
            tcp.Listen(128);
            // Port 0: the same for both.
            IPEndPoint bound = (IPEndPoint)tcp.LocalEndPoint!;
            udp = new Socket(endPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            udp.Bind(bound);
            // Bursts of gossip: memberlist asks for 2 MiB too.
            udp.ReceiveBufferSize = 2 << 20;
            return (udp, tcp);
        }
        catch (SocketException exception)
        {
            udp?.Dispose();
            tcp?.Dispose();
            throw new GossipException(
                $"The gossip address {endPoint} cannot be listened on ({exception.SocketErrorCode}); is another process using it?", exception);
        }
    }
}
