using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

// Decoding.
public abstract partial record NfExpression
{
    private const NfNatFlags NatChoice = NfNatFlags.Random | NfNatFlags.Persistent | NfNatFlags.FullyRandom | NfNatFlags.NetMap;

    /// <summary>The expression as a value. One that is not known, or not in this form, becomes <see cref="Unknown"/>.</summary>
    public static NfExpression Decode(in NfExpressionView view) =>
        DecodeLoad(view) ?? DecodeTest(view) ?? DecodeAction(view) ?? DecodeStatement(view)
        ?? new Unknown(System.Text.Encoding.UTF8.GetString(view.Name), new NfBytes(view.Bytes));

    private static NfExpression? DecodeLoad(in NfExpressionView view)
    {
        ReadOnlySpan<byte> name = view.Name;
        if (name.SequenceEqual("payload"u8))
        {
            var header = (NfPayloadBase)view.UInt32(NFTA_PAYLOAD_BASE);
            int offset = (int)view.UInt32(NFTA_PAYLOAD_OFFSET);
            int length = (int)view.UInt32(NFTA_PAYLOAD_LEN);
            return view.Has(NFTA_PAYLOAD_SREG)
                ? new SetPayload(view.Register(NFTA_PAYLOAD_SREG), header, offset, length, new NfChecksum(
                    (NfChecksumType)view.UInt32(NFTA_PAYLOAD_CSUM_TYPE), (int)view.UInt32(NFTA_PAYLOAD_CSUM_OFFSET), view.UInt32(NFTA_PAYLOAD_CSUM_FLAGS) != 0))
                : new Payload(header, offset, length, view.Register(NFTA_PAYLOAD_DREG));
        }

        if (name.SequenceEqual("meta"u8))
        {
            var key = (NfMetaKey)view.UInt32(NFTA_META_KEY);
            return view.Has(NFTA_META_SREG) ? new SetMeta(key, view.Register(NFTA_META_SREG)) : new Meta(key, view.Register(NFTA_META_DREG));
        }

        if (name.SequenceEqual("ct"u8))
        {
            var key = (NfCtKey)view.UInt32(NFTA_CT_KEY);
            NfCtDirection? direction = view.Has(NFTA_CT_DIRECTION) ? (NfCtDirection)view.Byte(NFTA_CT_DIRECTION) : null;
            return view.Has(NFTA_CT_SREG)
                ? new SetConntrack(key, view.Register(NFTA_CT_SREG), direction)
                : new Conntrack(key, view.Register(NFTA_CT_DREG), direction);
        }

        if (name.SequenceEqual("immediate"u8))
        {
            return view.Attributes.TryFind(NFTA_IMMEDIATE_DATA, out NetlinkAttribute data) && data.Nested.TryFind(NFTA_DATA_VERDICT, out NetlinkAttribute verdict)
                ? new Verdict(NfVerdictReader.Code(verdict.Nested), NfVerdictReader.Chain(verdict.Nested))
                : new Immediate(view.Register(NFTA_IMMEDIATE_DREG), view.Value(NFTA_IMMEDIATE_DATA));
        }

        if (name.SequenceEqual("exthdr"u8) && view.UInt32(NFTA_EXTHDR_OP) == NFT_EXTHDR_OP_TCPOPT)
        {
            byte kind = view.Byte(NFTA_EXTHDR_TYPE);
            int offset = (int)view.UInt32(NFTA_EXTHDR_OFFSET);
            int length = (int)view.UInt32(NFTA_EXTHDR_LEN);
            return view.Has(NFTA_EXTHDR_SREG)
                ? new SetTcpOption(view.Register(NFTA_EXTHDR_SREG), kind, offset, length)
                : new TcpOption(kind, offset, length, view.Register(NFTA_EXTHDR_DREG));
        }

        return name.SequenceEqual("fib"u8)
                ? new Fib((NfFibResult)view.UInt32(NFTA_FIB_RESULT), (NfFibFlags)view.UInt32(NFTA_FIB_FLAGS), view.Register(NFTA_FIB_DREG))
            : name.SequenceEqual("rt"u8) ? new Route((NfRouteKey)view.UInt32(NFTA_RT_KEY), view.Register(NFTA_RT_DREG))
            : name.SequenceEqual("xfrm"u8)
                ? new Transformation((NfXfrmKey)view.UInt32(NFTA_XFRM_KEY), view.Byte(NFTA_XFRM_DIR) != 0, view.Register(NFTA_XFRM_DREG), view.UInt32(NFTA_XFRM_SPNUM))
            : null;
    }

    private static NfExpression? DecodeTest(in NfExpressionView view)
    {
        ReadOnlySpan<byte> name = view.Name;
        if (name.SequenceEqual("cmp"u8))
        {
            return new Compare(view.Register(NFTA_CMP_SREG), (NfCompare)view.UInt32(NFTA_CMP_OP), view.Value(NFTA_CMP_DATA));
        }

        if (name.SequenceEqual("range"u8))
        {
            return new Range(view.Register(NFTA_RANGE_SREG), view.Value(NFTA_RANGE_FROM_DATA), view.Value(NFTA_RANGE_TO_DATA), view.UInt32(NFTA_RANGE_OP) != 0);
        }

        if (name.SequenceEqual("bitwise"u8))
        {
            NfRegister from = view.Register(NFTA_BITWISE_SREG);
            NfRegister to = view.Register(NFTA_BITWISE_DREG);
            return view.UInt32(NFTA_BITWISE_OP) switch
            {
                0 => new Bitwise(from, to, view.Value(NFTA_BITWISE_MASK), view.Value(NFTA_BITWISE_XOR)),
                uint op and (NFT_BITWISE_LSHIFT or NFT_BITWISE_RSHIFT) => new Shift(
                    from, to, (int)view.UInt32(NFTA_BITWISE_LEN), op == NFT_BITWISE_LSHIFT, NumberIn(view.Value(NFTA_BITWISE_DATA))),
                _ => null,
            };
        }

        if (name.SequenceEqual("byteorder"u8))
        {
            return new ByteOrder(
                view.Register(NFTA_BYTEORDER_SREG), view.Register(NFTA_BYTEORDER_DREG), (int)view.UInt32(NFTA_BYTEORDER_LEN), (int)view.UInt32(NFTA_BYTEORDER_SIZE),
                view.UInt32(NFTA_BYTEORDER_OP) != 0);
        }

        if (name.SequenceEqual("lookup"u8))
        {
            string set = view.Text(NFTA_LOOKUP_SET);
            NfRegister key = view.Register(NFTA_LOOKUP_SREG);
            return view.Has(NFTA_LOOKUP_DREG)
                ? new Lookup(set, key, view.Register(NFTA_LOOKUP_DREG))
                : new InSet(set, key, (view.UInt32(NFTA_LOOKUP_FLAGS) & NFT_LOOKUP_F_INV) != 0);
        }

        if (name.SequenceEqual("numgen"u8))
        {
            return new NumberGenerator(view.Register(NFTA_NG_DREG), view.UInt32(NFTA_NG_MODULUS), view.UInt32(NFTA_NG_TYPE) != 0, view.UInt32(NFTA_NG_OFFSET));
        }

        if (name.SequenceEqual("hash"u8))
        {
            NfRegister to = view.Register(NFTA_HASH_DREG);
            uint modulus = view.UInt32(NFTA_HASH_MODULUS);
            uint offset = view.UInt32(NFTA_HASH_OFFSET);
            return view.UInt32(NFTA_HASH_TYPE) == NFT_HASH_SYM
                ? new SymmetricHash(to, modulus, offset)
                : new JenkinsHash(view.Register(NFTA_HASH_SREG), (int)view.UInt32(NFTA_HASH_LEN), to, modulus, view.UInt32(NFTA_HASH_SEED), offset);
        }

        return null;
    }

    private static NfExpression? DecodeAction(in NfExpressionView view)
    {
        ReadOnlySpan<byte> name = view.Name;
        if (name.SequenceEqual("nat"u8))
        {
            return new Nat(
                view.UInt32(NFTA_NAT_TYPE) != 0, (NfFamily)view.UInt32(NFTA_NAT_FAMILY),
                view.OptionalRegister(NFTA_NAT_REG_ADDR_MIN), view.EndRegister(NFTA_NAT_REG_ADDR_MAX, NFTA_NAT_REG_ADDR_MIN),
                view.OptionalRegister(NFTA_NAT_REG_PROTO_MIN), view.EndRegister(NFTA_NAT_REG_PROTO_MAX, NFTA_NAT_REG_PROTO_MIN), (NfNatFlags)view.UInt32(NFTA_NAT_FLAGS) & NatChoice);
        }

        if (name.SequenceEqual("masq"u8))
        {
            return new Masquerade(
                view.OptionalRegister(NFTA_MASQ_REG_PROTO_MIN), view.EndRegister(NFTA_MASQ_REG_PROTO_MAX, NFTA_MASQ_REG_PROTO_MIN),
                (NfNatFlags)view.UInt32(NFTA_MASQ_FLAGS) & NatChoice);
        }

        if (name.SequenceEqual("redir"u8))
        {
            return new Redirect(
                view.OptionalRegister(NFTA_REDIR_REG_PROTO_MIN), view.EndRegister(NFTA_REDIR_REG_PROTO_MAX, NFTA_REDIR_REG_PROTO_MIN),
                (NfNatFlags)view.UInt32(NFTA_REDIR_FLAGS) & NatChoice);
        }

        return name.SequenceEqual("tproxy"u8)
                ? new TransparentProxy((NfFamily)view.UInt32(NFTA_TPROXY_FAMILY), view.OptionalRegister(NFTA_TPROXY_REG_ADDR), view.OptionalRegister(NFTA_TPROXY_REG_PORT))
            : name.SequenceEqual("reject"u8) ? new Reject((NfRejectType)view.UInt32(NFTA_REJECT_TYPE), view.Byte(NFTA_REJECT_ICMP_CODE))
            : name.SequenceEqual("notrack"u8) ? new NoTrack()
            : name.SequenceEqual("log"u8) ? new Log(NfLog.Read(view.Attributes))
            : null;
    }

    private static NfExpression? DecodeStatement(in NfExpressionView view)
    {
        ReadOnlySpan<byte> name = view.Name;
        if (name.SequenceEqual("objref"u8))
        {
            return view.Has(NFTA_OBJREF_SET_NAME)
                ? new ObjectOf(view.Text(NFTA_OBJREF_SET_NAME), view.Register(NFTA_OBJREF_SET_SREG))
                : new Object((NfObjectType)view.UInt32(NFTA_OBJREF_IMM_TYPE), view.Text(NFTA_OBJREF_IMM_NAME));
        }

        if (name.SequenceEqual("dynset"u8))
        {
            return new DynamicSet(
                (NfDynamicSetOperation)view.UInt32(NFTA_DYNSET_OP), view.Text(NFTA_DYNSET_SET_NAME), view.Register(NFTA_DYNSET_SREG_KEY), view.OptionalRegister(NFTA_DYNSET_SREG_DATA),
                view.UInt64(NFTA_DYNSET_TIMEOUT), (view.UInt32(NFTA_DYNSET_FLAGS) & NFT_DYNSET_F_INV) != 0)
            {
                Expressions = DecodeAttached(view.Attributes, NFTA_DYNSET_EXPR, NFTA_DYNSET_EXPRESSIONS),
            };
        }

        return name.SequenceEqual("counter"u8) ? new Counter(view.UInt64(NFTA_COUNTER_PACKETS), view.UInt64(NFTA_COUNTER_BYTES))
            : name.SequenceEqual("limit"u8) ? new Limit(NfLimit.Read(view.Attributes))
            : name.SequenceEqual("quota"u8) ? new Quota(NfQuota.Read(view.Attributes))
            : name.SequenceEqual("connlimit"u8)
                ? new ConnectionLimit(view.UInt32(NFTA_CONNLIMIT_COUNT), (view.UInt32(NFTA_CONNLIMIT_FLAGS) & NFT_CONNLIMIT_F_INV) != 0)
            : null;
    }

    /// <summary>What a set, element or dynset carries: one expression in an attribute of its own or several in a list.</summary>
    internal static IReadOnlyList<NfExpression> DecodeAttached(NetlinkAttributeReader attributes, ushort single, ushort list)
    {
        if (attributes.TryFind(list, out NetlinkAttribute several) && NfExpressionReader.TryDecode(new NfExpressionReader(several.Nested), out IReadOnlyList<NfExpression> all))
        {
            return all;
        }

        return attributes.TryFind(single, out NetlinkAttribute one) && NfExpressionView.TryCreate(one.Nested, out NfExpressionView view) ? [Decode(view)] : [];
    }

    private static uint NumberIn(NfBytes value) => System.Runtime.InteropServices.MemoryMarshal.TryRead(value.Span, out uint number) ? number : 0;
}
