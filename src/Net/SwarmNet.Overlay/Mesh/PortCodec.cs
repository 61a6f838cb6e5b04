using System.Buffers.Binary;
using SwarmNet.Netlink.NfTables;
using SwarmNet.Overlay.Balancing;

namespace SwarmNet.Overlay.Mesh;

/// <summary>
/// Frontend = <see cref="PortFrontend"/>; target = backend's IPv4 address and port, <c>address &lt;&lt; 16 | port</c>. In registers every part is
/// padded to 4 bytes at its end.
/// </summary>
internal sealed class PortCodec : FrontendCodec
{
    private const int AnyWay = 0;
    private const int AddressWay = 1;
    private const int RangeWay = 2;

    /// <summary>The ways, most special first: an address of the host, any address, ranges.</summary>
    public static ReadOnlySpan<int> WaysInOrder => [AddressWay, AnyWay, RangeWay];

    public override NfType Frontend => NfType.Concat(NfType.Ipv4Address, NfType.InetProtocol, NfType.InetService);

    public override NfType Slot => NfType.Concat(NfType.Ipv4Address, NfType.InetProtocol, NfType.InetService, NfType.Mark);

    public override NfType Client => NfType.Concat(NfType.Ipv4Address, NfType.InetProtocol, NfType.InetService, NfType.Ipv4Address);

    public override NfType Target => NfType.Concat(NfType.Ipv4Address, NfType.InetService);

    public override NfType Pair => NfType.Concat(NfType.Ipv4Address, NfType.InetProtocol, NfType.InetService, NfType.Ipv4Address, NfType.InetService);

    public override int FrontendLength => 12;

    public override int TargetLength => 8;

    public override IReadOnlyList<string> Ways { get; } = ["", "at_", "range_"];

    public override IReadOnlyList<int> FrontendParts => [4, 1, 2];

    public override IReadOnlyList<int> TargetParts => [4, 2];

    public override int WayOf(ulong frontend)
    {
        PortFrontend port = PortFrontend.Of(frontend);
        return port.IsRange ? RangeWay : port.Address == 0 ? AnyWay : AddressWay;
    }

    public override bool IsRange(int way) => way == RangeWay;

    public override NfRule Load(NfRule rule, int way) => (way == AddressWay ? rule.Ipv4Destination(NfRegister.R0) : rule.Immediate(NfRegister.R0, [0, 0, 0, 0]))
        .Meta(NfMetaKey.L4Protocol, NfRegister.R1).DestinationPort(NfRegister.R2);

    public override NfRule LoadOriginal(NfRule rule, int way) => (way == AddressWay
            ? rule.Conntrack(NfCtKey.DestinationIpv4, NfRegister.R0, NfCtDirection.Original)
            : rule.Immediate(NfRegister.R0, [0, 0, 0, 0]))
        .Meta(NfMetaKey.L4Protocol, NfRegister.R1).Conntrack(NfCtKey.DestinationPort, NfRegister.R2, NfCtDirection.Original);

    public override NfRule LoadTarget(NfRule rule, NfRegister to) => rule.Ipv4Destination(to).DestinationPort(to + 1);

    // Of a range the port stays as it is; the kernel cannot add to it.
    public override NfRule Translate(NfRule rule, NfRegister target, int way) => way == RangeWay
        ? rule.DestinationNat(target)
        : rule.DestinationNat(target, target + 1);

    public override void WriteFrontend(ulong frontend, Span<byte> to)
    {
        PortFrontend port = PortFrontend.Of(frontend);
        Write(to, port, port.Port);
    }

    public override void WriteLast(ulong frontend, Span<byte> to)
    {
        PortFrontend port = PortFrontend.Of(frontend);
        Write(to, port, port.LastPort);
    }

    public override ulong ReadFrontend(ReadOnlySpan<byte> first, ReadOnlySpan<byte> last) => new PortFrontend(
        BinaryPrimitives.ReadUInt32BigEndian(first), first[4], BinaryPrimitives.ReadUInt16BigEndian(first[8..]), BinaryPrimitives.ReadUInt16BigEndian(last[8..])).Id;

    public override bool Covers(ulong frontend, ReadOnlySpan<byte> key) =>
        PortFrontend.Of(frontend).Covers(BinaryPrimitives.ReadUInt32BigEndian(key), key[4], BinaryPrimitives.ReadUInt16BigEndian(key[8..]));

    public override void WriteTarget(ulong target, Span<byte> to)
    {
        to[..8].Clear();
        BinaryPrimitives.WriteUInt32BigEndian(to, (uint)(target >> 16));
        BinaryPrimitives.WriteUInt16BigEndian(to[4..], (ushort)target);
    }

    public override ulong ReadTarget(ReadOnlySpan<byte> from) =>
        ((ulong)BinaryPrimitives.ReadUInt32BigEndian(from) << 16) | BinaryPrimitives.ReadUInt16BigEndian(from[4..]);

    private static void Write(Span<byte> to, PortFrontend frontend, ushort port)
    {
        to[..12].Clear();
        BinaryPrimitives.WriteUInt32BigEndian(to, frontend.Address);
        to[4] = frontend.Protocol;
        BinaryPrimitives.WriteUInt16BigEndian(to[8..], port);
    }
}
