using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

// Look-ups, number generators, translations, verdicts.
public readonly ref partial struct NfRule
{
    /// <summary>Loads constant bytes.</summary>
    public NfRule Immediate(NfRegister to, scoped ReadOnlySpan<byte> value)
    {
        Expression expression = Begin("immediate"u8);
        _writer.PutBigEndian(NFTA_IMMEDIATE_DREG, (uint)to);
        PutValue(NFTA_IMMEDIATE_DATA, value);
        return Close(expression);
    }

    /// <summary>Ends the rule with a verdict; jumps name their chain.</summary>
    public NfRule Verdict(NfVerdict verdict, string? chain = null)
    {
        Expression expression = Begin("immediate"u8);
        _writer.PutBigEndian(NFTA_IMMEDIATE_DREG, (uint)NfRegister.Verdict);
        int nest = _writer.BeginNested(NFTA_IMMEDIATE_DATA);
        _writer.PutVerdict(verdict, chain);
        _writer.EndNested(nest);
        return Close(expression);
    }

    /// <summary>Goes on when the set contains the register, or with <paramref name="invert"/> when it does not.</summary>
    public NfRule InSet(string set, NfRegister key, bool invert = false, uint setId = 0)
    {
        Expression expression = Begin("lookup"u8);
        _writer.PutString(NFTA_LOOKUP_SET, set);
        _writer.PutBigEndian(NFTA_LOOKUP_SREG, (uint)key);
        _writer.PutBigEndian(NFTA_LOOKUP_SET_ID, setId);
        _writer.PutBigEndian(NFTA_LOOKUP_FLAGS, invert ? NFT_LOOKUP_F_INV : 0u);
        return Close(expression);
    }

    /// <summary>Loads what the map holds for the key, and goes on when it holds something.</summary>
    /// <param name="map">Name of the map.</param>
    /// <param name="key">First register of the key.</param>
    /// <param name="to">First register of the data; <see cref="NfRegister.Verdict"/> for a verdict map.</param>
    /// <param name="setId">The map's <see cref="NfSet.Id"/>, needed when it is anonymous.</param>
    public NfRule Lookup(string map, NfRegister key, NfRegister to, uint setId = 0)
    {
        Expression expression = Begin("lookup"u8);
        _writer.PutString(NFTA_LOOKUP_SET, map);
        _writer.PutBigEndian(NFTA_LOOKUP_SREG, (uint)key);
        _writer.PutBigEndian(NFTA_LOOKUP_DREG, (uint)to);
        _writer.PutBigEndian(NFTA_LOOKUP_SET_ID, setId);
        return Close(expression);
    }

    /// <summary>Starts adding the key in registers to a set with <see cref="NfSetFlags.Eval"/>, refreshing or deleting it.</summary>
    /// <param name="operation">What to do.</param>
    /// <param name="set">Name of the set or map.</param>
    /// <param name="key">First register of the key.</param>
    /// <param name="data">First register of a map's data.</param>
    /// <param name="timeoutMs">Life of the element in milliseconds; 0 = the set's default.</param>
    /// <param name="invert">Goes on when the element could not be added, instead of when it could.</param>
    /// <param name="expressions">What the element carries: counter, limit, quota, connection limit.</param>
    public NfRule DynamicSet(
        NfDynamicSetOperation operation,
        string set,
        NfRegister key,
        NfRegister? data = null,
        ulong timeoutMs = 0,
        bool invert = false,
        params ReadOnlySpan<NfExpression> expressions)
    {
        Expression expression = Begin("dynset"u8);
        _writer.PutString(NFTA_DYNSET_SET_NAME, set);
        _writer.PutBigEndian(NFTA_DYNSET_OP, (uint)operation);
        _writer.PutBigEndian(NFTA_DYNSET_SREG_KEY, (uint)key);
        if (data is { } register)
        {
            _writer.PutBigEndian(NFTA_DYNSET_SREG_DATA, (uint)register);
        }

        if (timeoutMs != 0)
        {
            _writer.PutBigEndian(NFTA_DYNSET_TIMEOUT, timeoutMs);
        }

        uint flags = invert ? NFT_DYNSET_F_INV : 0;
        if (expressions.Length > 1)
        {
            flags |= NFT_DYNSET_F_EXPR;
        }

        if (flags != 0)
        {
            _writer.PutBigEndian(NFTA_DYNSET_FLAGS, flags);
        }

        _writer.PutExpressions(NFTA_DYNSET_EXPR, NFTA_DYNSET_EXPRESSIONS, expressions);
        return Close(expression);
    }

    /// <summary>Loads a number from 0 to <paramref name="modulus"/> - 1, in host order: counting up with each packet, or random.</summary>
    public NfRule NumberGenerator(NfRegister to, uint modulus, bool random, uint offset = 0)
    {
        Expression expression = Begin("numgen"u8);
        _writer.PutBigEndian(NFTA_NG_DREG, (uint)to);
        _writer.PutBigEndian(NFTA_NG_MODULUS, modulus);
        _writer.PutBigEndian(NFTA_NG_TYPE, random ? 1u : 0u);
        _writer.PutBigEndian(NFTA_NG_OFFSET, offset);
        return Close(expression);
    }

    /// <summary>Loads Jenkins' hash of <paramref name="length"/> bytes of registers, modulo <paramref name="modulus"/>, in host order.</summary>
    public NfRule JenkinsHash(NfRegister from, int length, NfRegister to, uint modulus, uint seed, uint offset = 0)
    {
        Expression expression = Begin("hash"u8);
        _writer.PutBigEndian(NFTA_HASH_SREG, (uint)from);
        _writer.PutBigEndian(NFTA_HASH_DREG, (uint)to);
        _writer.PutBigEndian(NFTA_HASH_LEN, (uint)length);
        _writer.PutBigEndian(NFTA_HASH_MODULUS, modulus);
        _writer.PutBigEndian(NFTA_HASH_SEED, seed);
        _writer.PutBigEndian(NFTA_HASH_OFFSET, offset);
        _writer.PutBigEndian(NFTA_HASH_TYPE, 0u);
        return Close(expression);
    }

    /// <summary>Loads a hash of the flow, the same for both directions, modulo <paramref name="modulus"/>, in host order.</summary>
    public NfRule SymmetricHash(NfRegister to, uint modulus, uint offset = 0)
    {
        Expression expression = Begin("hash"u8);
        _writer.PutBigEndian(NFTA_HASH_DREG, (uint)to);
        _writer.PutBigEndian(NFTA_HASH_MODULUS, modulus);
        _writer.PutBigEndian(NFTA_HASH_OFFSET, offset);
        _writer.PutBigEndian(NFTA_HASH_TYPE, NFT_HASH_SYM);
        return Close(expression);
    }

    /// <summary>Translates the destination to the address, and port if given, in registers.</summary>
    public NfRule DestinationNat(NfRegister address, NfRegister? port = null, NfFamily family = NfFamily.Ip) =>
        Nat(destination: true, family, address, null, port, null);

    /// <summary>Translates the source to the address, and port if given, in registers.</summary>
    public NfRule SourceNat(NfRegister address, NfRegister? port = null, NfFamily family = NfFamily.Ip) =>
        Nat(destination: false, family, address, null, port, null);

    /// <summary>Translates an address, a port or both to what registers hold; with a maximum, to one of a range.</summary>
    public NfRule Nat(
        bool destination,
        NfFamily family,
        NfRegister? addressMin,
        NfRegister? addressMax,
        NfRegister? portMin,
        NfRegister? portMax,
        NfNatFlags flags = NfNatFlags.None)
    {
        Expression expression = Begin("nat"u8);
        _writer.PutBigEndian(NFTA_NAT_TYPE, destination ? 1u : 0u);
        _writer.PutBigEndian(NFTA_NAT_FAMILY, (uint)family);
        PutRegister(NFTA_NAT_REG_ADDR_MIN, addressMin);
        PutRegister(NFTA_NAT_REG_ADDR_MAX, addressMax);
        PutRegister(NFTA_NAT_REG_PROTO_MIN, portMin);
        PutRegister(NFTA_NAT_REG_PROTO_MAX, portMax);
        PutNatFlags(NFTA_NAT_FLAGS, flags);
        return Close(expression);
    }

    /// <summary>Translates the source to the address of the outgoing interface, and to a port of a range if given.</summary>
    public NfRule Masquerade(NfRegister? portMin = null, NfRegister? portMax = null, NfNatFlags flags = NfNatFlags.None)
    {
        Expression expression = Begin("masq"u8);
        PutNatFlags(NFTA_MASQ_FLAGS, flags);
        PutRegister(NFTA_MASQ_REG_PROTO_MIN, portMin);
        PutRegister(NFTA_MASQ_REG_PROTO_MAX, portMax);
        return Close(expression);
    }

    /// <summary>Translates the destination to this namespace's own address and the port in the register; null keeps the port.</summary>
    public NfRule Redirect(NfRegister? port, NfRegister? portMax = null, NfNatFlags flags = NfNatFlags.None)
    {
        Expression expression = Begin("redir"u8);
        PutRegister(NFTA_REDIR_REG_PROTO_MIN, port);
        PutRegister(NFTA_REDIR_REG_PROTO_MAX, portMax);
        uint all = (uint)flags | (port is null ? 0 : NF_NAT_RANGE_PROTO_SPECIFIED);
        if (all != 0)
        {
            _writer.PutBigEndian(NFTA_REDIR_FLAGS, all);
        }

        return Close(expression);
    }

    /// <summary>Hands the packet to a local transparent socket, without translation (prerouting, filter chains).</summary>
    public NfRule TransparentProxy(NfFamily family, NfRegister? address, NfRegister? port)
    {
        Expression expression = Begin("tproxy"u8);
        _writer.PutBigEndian(NFTA_TPROXY_FAMILY, (uint)family);
        PutRegister(NFTA_TPROXY_REG_ADDR, address);
        PutRegister(NFTA_TPROXY_REG_PORT, port);
        return Close(expression);
    }

    private void PutRegister(ushort type, NfRegister? register)
    {
        if (register is { } value)
        {
            _writer.PutBigEndian(type, (uint)value);
        }
    }

    private void PutNatFlags(ushort type, NfNatFlags flags)
    {
        if (flags != NfNatFlags.None)
        {
            _writer.PutBigEndian(type, (uint)flags);
        }
    }
}
