using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using SwarmNet.Linux;

namespace SwarmNet.Overlay.Encryption;

/// <summary>
/// Shows on the live rules that clear text of a VNI is dropped in both directions. The tunnel packets that it sends hold an empty frame, and go
/// from this host to itself: even if the rules failed, none would reach the wire.
/// </summary>
internal static class ClearTextTest
{
    /// <summary>The mark of a packet that shall pass the rules for what leaves, over loopback, to test those for what arrives.</summary>
    public const uint Mark = TransformSet.Id + 1;

    /// <exception cref="OverlayException">Clear text passed, or could not be sent.</exception>
    public static void Run(NetworkNamespace? ns, IPAddress local, ushort port, uint vni, ClearTextGuard guard)
    {
        byte[] datagram = Datagram(vni);
        (ulong Out, ulong In, ulong Arrived) before = guard.Counts;
        Errno sent = Send(ns, local, port, datagram, mark: 0);
        if (sent != Errno.EPERM || guard.Counts.Out <= before.Out)
        {
            throw Failed(vni, "is not dropped where it would leave this host", sent);
        }

        sent = Send(ns, local, port, datagram, Mark);
        (ulong Out, ulong In, ulong Arrived) after = guard.Counts;
        if (sent != Errno.None || after.In <= before.In || after.Arrived != before.Arrived)
        {
            throw Failed(vni, "is not dropped where it arrives", sent);
        }
    }

    /// <summary>VXLAN header (RFC 7348 §5) and an Ethernet frame for nobody, of a type for local experiments.</summary>
    internal static byte[] Datagram(uint vni)
    {
        byte[] datagram = new byte[8 + 60];
        datagram[0] = 0x08;
        BinaryPrimitives.WriteUInt32BigEndian(datagram.AsSpan(4), vni << 8);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(8 + 12), 0x88b5);
        return datagram;
    }

    private static OverlayException Failed(uint vni, string what, Errno sent) => new(
        $"the self-test of encryption failed: clear text of VNI {vni} {what} (send answered {(sent == Errno.None ? "success" : sent.ToString())}); "
        + "check what other firewall rules do with UDP of this host to itself.");

    private static unsafe Errno Send(NetworkNamespace? ns, IPAddress local, ushort port, byte[] datagram, uint mark)
    {
        Span<byte> address = stackalloc byte[Marshal.SizeOf<Libc.sockaddr_in6>()];
        address.Clear();
        bool is4 = local.GetAddressBytes().Length == 4;
        BinaryPrimitives.WriteUInt16BigEndian(address[2..], port);
        local.TryWriteBytes(address[(is4 ? 4 : 8)..], out _);
        MemoryMarshal.Write(address, (ushort)(is4 ? Libc.AF_INET : Libc.AF_INET6));
        uint length = is4 ? 16u : (uint)address.Length;

        int family = is4 ? Libc.AF_INET : Libc.AF_INET6;
        using FileDescriptor socket = ns?.OpenSocket(family, Libc.SOCK_DGRAM, 0) ?? Libc.socket(family, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC, 0).OrThrow("socket");
        if (mark != 0 && Libc.setsockopt(socket, Libc.SOL_SOCKET, Libc.SO_MARK, &mark, sizeof(uint)) != 0)
        {
            LinuxException.ThrowLast("set mark of socket");
        }

        fixed (byte* to = address)
        fixed (byte* data = datagram)
        {
            return Libc.sendto(socket, data, (nuint)datagram.Length, Libc.MSG_NOSIGNAL, to, length) < 0 ? LinuxException.LastErrno : Errno.None;
        }
    }
}
