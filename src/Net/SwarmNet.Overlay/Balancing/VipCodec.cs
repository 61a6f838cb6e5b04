using System.Buffers.Binary;
using SwarmNet.Netlink.NfTables;

namespace SwarmNet.Overlay.Balancing;

/// <summary>Frontend = virtual IPv4 address, target = backend's IPv4 address.</summary>
internal sealed class VipCodec : FrontendCodec
{
    public override NfType Frontend => NfType.Ipv4Address;

    public override NfType Slot => NfType.Concat(NfType.Ipv4Address, NfType.Mark);

    public override NfType Target => NfType.Ipv4Address;

    public override NfType Pair => NfType.Concat(NfType.Ipv4Address, NfType.Ipv4Address);

    public override int FrontendLength => 4;

    public override int TargetLength => 4;

    public override void WriteFrontend(ulong frontend, Span<byte> to) => BinaryPrimitives.WriteUInt32BigEndian(to, (uint)frontend);

    public override ulong ReadFrontend(ReadOnlySpan<byte> from) => BinaryPrimitives.ReadUInt32BigEndian(from);

    public override void WriteTarget(ulong target, Span<byte> to) => BinaryPrimitives.WriteUInt32BigEndian(to, (uint)target);

    public override ulong ReadTarget(ReadOnlySpan<byte> from) => BinaryPrimitives.ReadUInt32BigEndian(from);
}
