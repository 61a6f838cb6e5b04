using System.Buffers.Binary;
using SwarmNet.Linux;

namespace SwarmNet.Overlay.Encryption;

/// <summary>Sees every frame in a namespace, as tcpdump does. What it counts, it has seen up to the last <see cref="Drain"/>.</summary>
internal sealed unsafe class WireTap : IDisposable
{
    private const ushort AllProtocols = 0x0300; // htons(ETH_P_ALL)
    private readonly FileDescriptor _socket;

    public WireTap(NetworkNamespace ns)
    {
        _socket = ns.OpenSocket(Libc.AF_PACKET, Libc.SOCK_RAW, AllProtocols);
        int size = 16 << 20;
        if (Libc.setsockopt(_socket, Libc.SOL_SOCKET, Libc.SO_RCVBUFFORCE, &size, sizeof(int)) != 0)
        {
            LinuxException.ThrowLast("enlarge buffer of packet socket");
        }
    }

    /// <summary>ESP packets.</summary>
    public int Esp { get; private set; }

    /// <summary>Fragments of IPv4 packets.</summary>
    public int Fragments { get; private set; }

    /// <summary>Length of the longest IPv4 packet.</summary>
    public int Longest { get; private set; }

    /// <summary>Tunnel packets in clear text, by VNI.</summary>
    public Dictionary<uint, int> Clear { get; } = [];

    /// <summary>SPIs of the ESP packets.</summary>
    public HashSet<uint> Spis { get; } = [];

    /// <summary>Takes in all that has passed.</summary>
    public WireTap Drain()
    {
        byte* buffer = stackalloc byte[4096];
        nint length;
        while ((length = Libc.recv(_socket, buffer, 4096, Libc.MSG_DONTWAIT)) >= 0)
        {
            Take(new ReadOnlySpan<byte>(buffer, (int)length));
        }

        return this;
    }

    public void Dispose() => _socket.Dispose();

    private void Take(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < 34 || BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) != 0x0800)
        {
            return;
        }

        ReadOnlySpan<byte> ip = frame[14..];
        Longest = Math.Max(Longest, BinaryPrimitives.ReadUInt16BigEndian(ip[2..]));
        Fragments += (BinaryPrimitives.ReadUInt16BigEndian(ip[6..]) & 0x3fff) != 0 ? 1 : 0;
        ReadOnlySpan<byte> payload = ip[((ip[0] & 15) * 4)..];
        if (ip[9] == 50)
        {
            Esp++;
            Spis.Add(BinaryPrimitives.ReadUInt32BigEndian(payload));
        }
        else if (ip[9] == 17 && payload.Length >= 16 && BinaryPrimitives.ReadUInt16BigEndian(payload[2..]) == 4789)
        {
            uint vni = ClearTextRules.Vni(payload[12..]);
            Clear[vni] = Clear.GetValueOrDefault(vni) + 1;
        }
    }
}
