using System.Buffers.Binary;
using System.Net;
using SwarmNet.Netlink.NfTables;

namespace SwarmNet.Overlay.Balancing;

/// <summary>IPv4: an address is its own number.</summary>
internal sealed class VipCodec : AddressCodec
{
    public override NfFamily Family => NfFamily.Ip;

    public override NfType Frontend => NfType.Ipv4Address;

    public override NfType Slot => NfType.Concat(NfType.Ipv4Address, NfType.Mark);

    public override NfType Client => NfType.Concat(NfType.Ipv4Address, NfType.Ipv4Address);

    public override NfType Target => NfType.Ipv4Address;

    public override NfType Pair => NfType.Concat(NfType.Ipv4Address, NfType.Ipv4Address);

    public override int FrontendLength => 4;

    public override int TargetLength => 4;

    public override ulong IdOf(IPAddress address) => address.ToUInt32();

    public override IPAddress AddressOf(ulong id) => ((uint)id).ToIPAddress();

    public override NfRule Load(NfRule rule, int way) => rule.Ipv4Destination(NfRegister.R0);

    public override NfRule LoadOriginal(NfRule rule, int way) => rule.Conntrack(NfCtKey.DestinationIpv4, NfRegister.R0, NfCtDirection.Original);

    public override NfRule LoadTarget(NfRule rule, NfRegister to) => rule.Ipv4Destination(to);

    public override NfRule Translate(NfRule rule, NfRegister target, int way) => rule.DestinationNat(target);

    public override void WriteFrontend(ulong frontend, Span<byte> to) => BinaryPrimitives.WriteUInt32BigEndian(to, (uint)frontend);

    public override ulong ReadFrontend(ReadOnlySpan<byte> first, ReadOnlySpan<byte> last) => BinaryPrimitives.ReadUInt32BigEndian(first);

    public override void WriteTarget(ulong target, Span<byte> to) => BinaryPrimitives.WriteUInt32BigEndian(to, (uint)target);

    public override ulong ReadTarget(ReadOnlySpan<byte> from) => BinaryPrimitives.ReadUInt32BigEndian(from);
}
