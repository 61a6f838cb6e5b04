using System.Buffers.Binary;
using System.Net;
using SwarmNet.Netlink.NfTables;

namespace SwarmNet.Overlay.Balancing;

/// <summary>
/// IPv6. Addresses are longer than the numbers that stand for frontends and targets, so each that is met gets a number: a hash of it, that of every other host and process too,
/// because the slots of clients that are told by their address follow from the targets' numbers. Numbers are kept as long as the codec. Not thread-safe.
/// </summary>
internal sealed class Vip6Codec : AddressCodec
{
    private readonly Dictionary<UInt128, ulong> _ids = [];
    private readonly Dictionary<ulong, UInt128> _addresses = [];

    public override NfFamily Family => NfFamily.Ip6;

    public override NfType Frontend => NfType.Ipv6Address;

    public override NfType Slot => NfType.Concat(NfType.Ipv6Address, NfType.Mark);

    public override NfType Client => NfType.Concat(NfType.Ipv6Address, NfType.Ipv6Address);

    public override NfType Target => NfType.Ipv6Address;

    public override NfType Pair => NfType.Concat(NfType.Ipv6Address, NfType.Ipv6Address);

    public override int FrontendLength => 16;

    public override int TargetLength => 16;

    public override ulong IdOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        return address.TryWriteBytes(bytes, out int length) && length == 16
            ? IdOf(bytes)
            : throw new ArgumentException($"{address} is not an IPv6 address.", nameof(address));
    }

    public override IPAddress AddressOf(ulong id)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, _addresses[id]);
        return new IPAddress(bytes);
    }

    public override NfRule Load(NfRule rule, int way) => rule.Ipv6Destination(NfRegister.R0);

    public override NfRule LoadOriginal(NfRule rule, int way) => rule.Conntrack(NfCtKey.DestinationIpv6, NfRegister.R0, NfCtDirection.Original);

    public override NfRule LoadTarget(NfRule rule, NfRegister to) => rule.Ipv6Destination(to);

    public override NfRule Translate(NfRule rule, NfRegister target, int way) => rule.DestinationNat(target, family: NfFamily.Ip6);

    public override void WriteFrontend(ulong frontend, Span<byte> to) => BinaryPrimitives.WriteUInt128BigEndian(to, _addresses[frontend]);

    public override ulong ReadFrontend(ReadOnlySpan<byte> first, ReadOnlySpan<byte> last) => IdOf(first);

    public override void WriteTarget(ulong target, Span<byte> to) => BinaryPrimitives.WriteUInt128BigEndian(to, _addresses[target]);

    public override ulong ReadTarget(ReadOnlySpan<byte> from) => IdOf(from);

    private ulong IdOf(ReadOnlySpan<byte> bytes)
    {
        UInt128 address = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        if (_ids.TryGetValue(address, out ulong id))
        {
            return id;
        }

        id = SlotAssigner.Mix((ulong)(address >> 64) ^ SlotAssigner.Mix((ulong)address));
        while (id == 0 || !_addresses.TryAdd(id, address))
        {
            // 0 = no target; a number that two addresses share is rarer than memory that fails, but must not translate one to the other.
            id++;
        }

        _ids.Add(address, id);
        return id;
    }
}
