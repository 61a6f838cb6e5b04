using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

/// <summary>
/// A rule under construction: a list of expressions, each reading and writing registers; the rule ends at the first that does not
/// match. Made by <see cref="NfTablesBatch.AddRule"/>, finished by <see cref="End"/>. This part: loads and tests.
/// </summary>
public readonly ref partial struct NfRule
{
    private readonly NfTablesBatch? _batch;
    private readonly NetlinkWriter _writer;
    private readonly int _list;
    private readonly ushort _element;

    internal NfRule(NfTablesBatch batch, int list)
        : this(batch.Writer, NFTA_LIST_ELEM)
    {
        _batch = batch;
        _list = list;
    }

    /// <summary>Expressions outside a rule (of a set, an element, a dynset), each in an attribute of type <paramref name="element"/>.</summary>
    internal NfRule(NetlinkWriter writer, ushort element)
    {
        _writer = writer;
        _element = element;
    }

    /// <summary>Loads bytes of a header.</summary>
    public NfRule Payload(NfPayloadBase header, int offset, int length, NfRegister to)
    {
        Expression expression = Begin("payload"u8);
        _writer.PutBigEndian(NFTA_PAYLOAD_DREG, (uint)to);
        _writer.PutBigEndian(NFTA_PAYLOAD_BASE, (uint)header);
        _writer.PutBigEndian(NFTA_PAYLOAD_OFFSET, (uint)offset);
        _writer.PutBigEndian(NFTA_PAYLOAD_LEN, (uint)length);
        return Close(expression);
    }

    /// <summary>
    /// Writes a register into the packet. The checksum that covers the bytes is put right when <paramref name="checksum"/> says where
    /// it is.
    /// </summary>
    public NfRule SetPayload(NfRegister from, NfPayloadBase header, int offset, int length, NfChecksum checksum = default)
    {
        Expression expression = Begin("payload"u8);
        _writer.PutBigEndian(NFTA_PAYLOAD_SREG, (uint)from);
        _writer.PutBigEndian(NFTA_PAYLOAD_BASE, (uint)header);
        _writer.PutBigEndian(NFTA_PAYLOAD_OFFSET, (uint)offset);
        _writer.PutBigEndian(NFTA_PAYLOAD_LEN, (uint)length);
        _writer.PutBigEndian(NFTA_PAYLOAD_CSUM_TYPE, (uint)checksum.Type);
        _writer.PutBigEndian(NFTA_PAYLOAD_CSUM_OFFSET, (uint)checksum.Offset);
        _writer.PutBigEndian(NFTA_PAYLOAD_CSUM_FLAGS, checksum.PseudoHeader ? 1u : 0u);
        return Close(expression);
    }

    /// <summary>Writes the Ethernet destination address, 6 bytes, of a frame that leaves (netdev egress) or arrives.</summary>
    public NfRule SetEtherDestination(NfRegister from) => SetPayload(from, NfPayloadBase.LinkLayer, 0, 6);

    /// <summary>Loads the IPv4 source address.</summary>
    public NfRule Ipv4Source(NfRegister to) => Payload(NfPayloadBase.Network, 12, 4, to);

    /// <summary>Loads the IPv4 destination address.</summary>
    public NfRule Ipv4Destination(NfRegister to) => Payload(NfPayloadBase.Network, 16, 4, to);

    /// <summary>Loads the IPv6 source address, 16 bytes.</summary>
    public NfRule Ipv6Source(NfRegister to) => Payload(NfPayloadBase.Network, 8, 16, to);

    /// <summary>Loads the IPv6 destination address, 16 bytes.</summary>
    public NfRule Ipv6Destination(NfRegister to) => Payload(NfPayloadBase.Network, 24, 16, to);

    /// <summary>Loads the source port of TCP, UDP, SCTP or DCCP; test the protocol first.</summary>
    public NfRule SourcePort(NfRegister to) => Payload(NfPayloadBase.Transport, 0, 2, to);

    /// <summary>Loads the destination port of TCP, UDP, SCTP or DCCP; test the protocol first.</summary>
    public NfRule DestinationPort(NfRegister to) => Payload(NfPayloadBase.Transport, 2, 2, to);

    /// <summary>Loads a property of the packet.</summary>
    public NfRule Meta(NfMetaKey key, NfRegister to)
    {
        Expression expression = Begin("meta"u8);
        _writer.PutBigEndian(NFTA_META_KEY, (uint)key);
        _writer.PutBigEndian(NFTA_META_DREG, (uint)to);
        return Close(expression);
    }

    /// <summary>Stores a register into a property of the packet.</summary>
    public NfRule SetMeta(NfMetaKey key, NfRegister from)
    {
        Expression expression = Begin("meta"u8);
        _writer.PutBigEndian(NFTA_META_KEY, (uint)key);
        _writer.PutBigEndian(NFTA_META_SREG, (uint)from);
        return Close(expression);
    }

    /// <summary>
    /// Loads a property of the flow; addresses and ports need a <paramref name="direction"/>, zone, packets and bytes may have one.
    /// </summary>
    public NfRule Conntrack(NfCtKey key, NfRegister to, NfCtDirection? direction = null)
    {
        Expression expression = Begin("ct"u8);
        _writer.PutBigEndian(NFTA_CT_KEY, (uint)key);
        _writer.PutBigEndian(NFTA_CT_DREG, (uint)to);
        return CloseConntrack(expression, direction);
    }

    /// <summary>Stores a register into a property of the flow: its mark, zone (before tracking, 2 bytes in host order) or label.</summary>
    public NfRule SetConntrack(NfCtKey key, NfRegister from, NfCtDirection? direction = null)
    {
        Expression expression = Begin("ct"u8);
        _writer.PutBigEndian(NFTA_CT_KEY, (uint)key);
        _writer.PutBigEndian(NFTA_CT_SREG, (uint)from);
        return CloseConntrack(expression, direction);
    }

    /// <summary>The flow's mark becomes the packet's.</summary>
    public NfRule RestoreMark(NfRegister scratch = NfRegister.R0) => Conntrack(NfCtKey.Mark, scratch).SetMeta(NfMetaKey.Mark, scratch);

    /// <summary>The packet's mark becomes the flow's.</summary>
    public NfRule SaveMark(NfRegister scratch = NfRegister.R0) => Meta(NfMetaKey.Mark, scratch).SetConntrack(NfCtKey.Mark, scratch);

    /// <summary>Goes on when the register's bytes compare with <paramref name="value"/> as asked.</summary>
    public NfRule Compare(NfRegister register, NfCompare comparison, scoped ReadOnlySpan<byte> value)
    {
        Expression expression = Begin("cmp"u8);
        _writer.PutBigEndian(NFTA_CMP_SREG, (uint)register);
        _writer.PutBigEndian(NFTA_CMP_OP, (uint)comparison);
        PutValue(NFTA_CMP_DATA, value);
        return Close(expression);
    }

    /// <summary>Goes on when the register equals <paramref name="value"/>.</summary>
    public NfRule Equal(NfRegister register, scoped ReadOnlySpan<byte> value) => Compare(register, NfCompare.Equal, value);

    /// <summary>Goes on for this transport protocol (6 TCP, 17 UDP).</summary>
    public NfRule L4ProtocolIs(byte protocol, NfRegister scratch = NfRegister.Reg1) =>
        Meta(NfMetaKey.L4Protocol, scratch).Equal(scratch, [protocol]);

    /// <summary>Goes on when the packet's interface has, or has not, this name (at most 15 characters).</summary>
    public NfRule InterfaceName(NfMetaKey key, NfCompare comparison, scoped ReadOnlySpan<char> name, NfRegister scratch = NfRegister.Reg1)
    {
        Span<byte> value = stackalloc byte[16];
        value.Clear();
        Encoding.ASCII.GetBytes(name, value[..15]);
        return Meta(key, scratch).Compare(scratch, comparison, value);
    }

    /// <summary>register to = (register from AND mask) XOR xor; all of one length.</summary>
    public NfRule Bitwise(NfRegister from, NfRegister to, scoped ReadOnlySpan<byte> mask, scoped ReadOnlySpan<byte> xor)
    {
        Expression expression = Begin("bitwise"u8);
        _writer.PutBigEndian(NFTA_BITWISE_SREG, (uint)from);
        _writer.PutBigEndian(NFTA_BITWISE_DREG, (uint)to);
        _writer.PutBigEndian(NFTA_BITWISE_LEN, (uint)mask.Length);
        PutValue(NFTA_BITWISE_MASK, mask);
        PutValue(NFTA_BITWISE_XOR, xor);
        return Close(expression);
    }

    /// <summary>Shifts a register of <paramref name="length"/> bytes, as a number in host order, left or right.</summary>
    public NfRule Shift(NfRegister from, NfRegister to, int length, bool left, uint bits)
    {
        Expression expression = Begin("bitwise"u8);
        _writer.PutBigEndian(NFTA_BITWISE_SREG, (uint)from);
        _writer.PutBigEndian(NFTA_BITWISE_DREG, (uint)to);
        _writer.PutBigEndian(NFTA_BITWISE_LEN, (uint)length);
        _writer.PutBigEndian(NFTA_BITWISE_OP, left ? NFT_BITWISE_LSHIFT : NFT_BITWISE_RSHIFT);
        int nest = _writer.BeginNested(NFTA_BITWISE_DATA);
        _writer.Put(NFTA_DATA_VALUE, bits);
        _writer.EndNested(nest);
        return Close(expression);
    }

    /// <summary>Turns numbers of <paramref name="size"/> bytes (2, 4 or 8) in <paramref name="length"/> bytes from host to network order, or back.</summary>
    public NfRule ByteOrder(NfRegister from, NfRegister to, int length, int size, bool toNetwork)
    {
        Expression expression = Begin("byteorder"u8);
        _writer.PutBigEndian(NFTA_BYTEORDER_SREG, (uint)from);
        _writer.PutBigEndian(NFTA_BYTEORDER_DREG, (uint)to);
        _writer.PutBigEndian(NFTA_BYTEORDER_OP, toNetwork ? 1u : 0u);
        _writer.PutBigEndian(NFTA_BYTEORDER_LEN, (uint)length);
        _writer.PutBigEndian(NFTA_BYTEORDER_SIZE, (uint)size);
        return Close(expression);
    }

    /// <summary>Goes on when the register lies, or with <paramref name="invert"/> does not lie, from <paramref name="first"/> to <paramref name="last"/>.</summary>
    public NfRule Range(NfRegister register, scoped ReadOnlySpan<byte> first, scoped ReadOnlySpan<byte> last, bool invert = false)
    {
        Expression expression = Begin("range"u8);
        _writer.PutBigEndian(NFTA_RANGE_SREG, (uint)register);
        _writer.PutBigEndian(NFTA_RANGE_OP, invert ? 1u : 0u);
        PutValue(NFTA_RANGE_FROM_DATA, first);
        PutValue(NFTA_RANGE_TO_DATA, last);
        return Close(expression);
    }

    /// <summary>Goes on when the IPv4 address in the register is, or is not, in the subnet. Overwrites the register.</summary>
    public NfRule InSubnet(NfRegister register, NfCompare comparison, uint network, int prefixLength)
    {
        uint bits = prefixLength == 0 ? 0 : uint.MaxValue << (32 - prefixLength);
        Span<byte> mask = stackalloc byte[4];
        Span<byte> value = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(mask, bits);
        BinaryPrimitives.WriteUInt32BigEndian(value, network & bits);
        return Bitwise(register, register, mask, stackalloc byte[4]).Compare(register, comparison, value);
    }

    /// <summary>Goes on when any of <paramref name="bits"/> (host order) is set in the flow's property.</summary>
    public NfRule ConntrackAny(NfCtKey key, uint bits, NfRegister scratch = NfRegister.Reg1) =>
        ConntrackBits(key, bits, NfCompare.NotEqual, scratch);

    /// <summary>Goes on when none of <paramref name="bits"/> (host order) is set in the flow's property.</summary>
    public NfRule ConntrackNone(NfCtKey key, uint bits, NfRegister scratch = NfRegister.Reg1) =>
        ConntrackBits(key, bits, NfCompare.Equal, scratch);

    /// <summary>Loads the result of a route look-up.</summary>
    public NfRule Fib(NfFibResult result, NfFibFlags flags, NfRegister to)
    {
        Expression expression = Begin("fib"u8);
        _writer.PutBigEndian(NFTA_FIB_FLAGS, (uint)flags);
        _writer.PutBigEndian(NFTA_FIB_RESULT, (uint)result);
        _writer.PutBigEndian(NFTA_FIB_DREG, (uint)to);
        return Close(expression);
    }

    /// <summary>Goes on when the destination is an address of this namespace (nft: <c>fib daddr type local</c>).</summary>
    public NfRule DestinationIsLocal(NfRegister scratch = NfRegister.Reg1)
    {
        Span<byte> local = stackalloc byte[4];
        MemoryMarshal.Write(local, 2u); // RTN_LOCAL
        return Fib(NfFibResult.AddressType, NfFibFlags.DestinationAddress, scratch).Equal(scratch, local);
    }

    /// <summary>Finishes the rule.</summary>
    /// <param name="comment">At most 127 bytes of UTF-8, shown by nft(8).</param>
    public NfTablesBatch End(string? comment = null)
    {
        if (_batch is null)
        {
            throw new InvalidOperationException("These expressions do not make a rule.");
        }

        _writer.EndNested(_list);
        if (comment is not null)
        {
            NfUserData.PutComment(_writer, NFTA_RULE_USERDATA, NfUserData.RuleComment, comment);
        }

        return _batch.End();
    }

    /// <summary>Adds an expression that is a value, for example one of a dumped rule.</summary>
    public NfRule Add(NfExpression expression)
    {
        expression.AppendTo(this);
        return this;
    }

    /// <summary>An expression by its name and encoded attributes.</summary>
    internal NfRule Raw(string name, scoped ReadOnlySpan<byte> attributes)
    {
        int element = _writer.BeginNested(_element);
        _writer.PutString(NFTA_EXPR_NAME, name);
        int data = _writer.BeginNested(NFTA_EXPR_DATA);
        attributes.CopyTo(_writer.Reserve(attributes.Length));
        return Close(new Expression(element, data));
    }

    private NfRule CloseConntrack(Expression expression, NfCtDirection? direction)
    {
        if (direction is { } value)
        {
            _writer.Put(NFTA_CT_DIRECTION, (byte)value);
        }

        return Close(expression);
    }

    private NfRule ConntrackBits(NfCtKey key, uint bits, NfCompare comparison, NfRegister scratch)
    {
        Span<byte> mask = stackalloc byte[4];
        MemoryMarshal.Write(mask, bits);
        return Conntrack(key, scratch).Bitwise(scratch, scratch, mask, stackalloc byte[4]).Compare(scratch, comparison, stackalloc byte[4]);
    }

    private void PutValue(ushort type, scoped ReadOnlySpan<byte> value) => _writer.PutValue(type, value);

    private Expression Begin(scoped ReadOnlySpan<byte> name)
    {
        int element = _writer.BeginNested(_element);
        _writer.PutString(NFTA_EXPR_NAME, name);
        return new Expression(element, _writer.BeginNested(NFTA_EXPR_DATA));
    }

    private NfRule Close(Expression expression)
    {
        _writer.EndNested(expression.Data);
        _writer.EndNested(expression.Element);
        return this;
    }

    private readonly record struct Expression(int Element, int Data);
}
