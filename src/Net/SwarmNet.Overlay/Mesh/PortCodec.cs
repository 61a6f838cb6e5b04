using System.Buffers.Binary;
using SwarmNet.Netlink.NfTables;
using SwarmNet.Overlay.Balancing;

namespace SwarmNet.Overlay.Mesh;

/// <summary>
/// Frontend = protocol number and published port, <c>protocol &lt;&lt; 16 | port</c>; target = backend's IPv4 address and port,
/// <c>address &lt;&lt; 16 | port</c>. In registers every part is padded to 4 bytes at its end.
/// </summary>
internal sealed class PortCodec : FrontendCodec
{
    public override NfType Frontend => NfType.Concat(NfType.InetProtocol, NfType.InetService);

    public override NfType Slot => NfType.Concat(NfType.InetProtocol, NfType.InetService, NfType.Mark);

    public override NfType Target => NfType.Concat(NfType.Ipv4Address, NfType.InetService);

    public override NfType Pair => NfType.Concat(NfType.InetProtocol, NfType.InetService, NfType.Ipv4Address, NfType.InetService);

    public override int FrontendLength => 8;

    public override int TargetLength => 8;

    public override void WriteFrontend(ulong frontend, Span<byte> to)
    {
        to[..8].Clear();
        to[0] = (byte)(frontend >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(to[4..], (ushort)frontend);
    }

    public override ulong ReadFrontend(ReadOnlySpan<byte> from) => ((ulong)from[0] << 16) | BinaryPrimitives.ReadUInt16BigEndian(from[4..]);

    public override void WriteTarget(ulong target, Span<byte> to)
    {
        to[..8].Clear();
        BinaryPrimitives.WriteUInt32BigEndian(to, (uint)(target >> 16));
        BinaryPrimitives.WriteUInt16BigEndian(to[4..], (ushort)target);
    }

    public override ulong ReadTarget(ReadOnlySpan<byte> from) =>
        ((ulong)BinaryPrimitives.ReadUInt32BigEndian(from) << 16) | BinaryPrimitives.ReadUInt16BigEndian(from[4..]);
}
