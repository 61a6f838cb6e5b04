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
    private readonly NfTablesBatch _batch;
    private readonly NetlinkWriter _writer;
    private readonly int _list;

    internal NfRule(NfTablesBatch batch, int list)
    {
        _batch = batch;
        _writer = batch.Writer;
        _list = list;
    }

    /// <summary>Loads bytes of a header.</summary>
    public NfRule Payload(NfPayloadBase header, int offset, int length, NfRegister to)
    {
        Expression expression = Begin("payload"u8);
        _writer.PutBigEndian(1, (uint)to);
        _writer.PutBigEndian(2, (uint)header);
        _writer.PutBigEndian(3, (uint)offset);
        _writer.PutBigEndian(4, (uint)length);
        return Close(expression);
    }

    /// <summary>Loads the IPv4 source address.</summary>
    public NfRule Ipv4Source(NfRegister to) => Payload(NfPayloadBase.Network, 12, 4, to);

    /// <summary>Loads the IPv4 destination address.</summary>
    public NfRule Ipv4Destination(NfRegister to) => Payload(NfPayloadBase.Network, 16, 4, to);

    /// <summary>Loads the destination port of TCP, UDP, SCTP or DCCP; test the protocol first.</summary>
    public NfRule DestinationPort(NfRegister to) => Payload(NfPayloadBase.Transport, 2, 2, to);

    /// <summary>Loads a property of the packet.</summary>
    public NfRule Meta(NfMetaKey key, NfRegister to)
    {
        Expression expression = Begin("meta"u8);
        _writer.PutBigEndian(2, (uint)key);
        _writer.PutBigEndian(1, (uint)to);
        return Close(expression);
    }

    /// <summary>Stores a register into a property of the packet.</summary>
    public NfRule SetMeta(NfMetaKey key, NfRegister from)
    {
        Expression expression = Begin("meta"u8);
        _writer.PutBigEndian(2, (uint)key);
        _writer.PutBigEndian(3, (uint)from);
        return Close(expression);
    }

    /// <summary>Loads a property of the flow.</summary>
    public NfRule Conntrack(NfCtKey key, NfRegister to)
    {
        Expression expression = Begin("ct"u8);
        _writer.PutBigEndian(2, (uint)key);
        _writer.PutBigEndian(1, (uint)to);
        return Close(expression);
    }

    /// <summary>Stores a register into a property of the flow.</summary>
    public NfRule SetConntrack(NfCtKey key, NfRegister from)
    {
        Expression expression = Begin("ct"u8);
        _writer.PutBigEndian(2, (uint)key);
        _writer.PutBigEndian(4, (uint)from);
        return Close(expression);
    }

    /// <summary>Goes on when the register's bytes compare with <paramref name="value"/> as asked.</summary>
    public NfRule Compare(NfRegister register, NfCompare comparison, scoped ReadOnlySpan<byte> value)
    {
        Expression expression = Begin("cmp"u8);
        _writer.PutBigEndian(1, (uint)register);
        _writer.PutBigEndian(2, (uint)comparison);
        PutValue(3, value);
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
        _writer.PutBigEndian(1, (uint)from);
        _writer.PutBigEndian(2, (uint)to);
        _writer.PutBigEndian(3, (uint)mask.Length);
        PutValue(4, mask);
        PutValue(5, xor);
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
        _writer.PutBigEndian(3, (uint)flags);
        _writer.PutBigEndian(2, (uint)result);
        _writer.PutBigEndian(1, (uint)to);
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
    public NfTablesBatch End()
    {
        _writer.EndNested(_list);
        return _batch.End();
    }

    private NfRule ConntrackBits(NfCtKey key, uint bits, NfCompare comparison, NfRegister scratch)
    {
        Span<byte> mask = stackalloc byte[4];
        MemoryMarshal.Write(mask, bits);
        return Conntrack(key, scratch).Bitwise(scratch, scratch, mask, stackalloc byte[4]).Compare(scratch, comparison, stackalloc byte[4]);
    }

    private void PutValue(ushort type, scoped ReadOnlySpan<byte> value)
    {
        int nest = _writer.BeginNested(type);
        _writer.Put(NFTA_DATA_VALUE, value);
        _writer.EndNested(nest);
    }

    private Expression Begin(scoped ReadOnlySpan<byte> name)
    {
        int element = _writer.BeginNested(NFTA_LIST_ELEM);
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
