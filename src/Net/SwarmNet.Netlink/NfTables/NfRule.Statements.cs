using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

// Counting, limiting, logging, refusing, and values that are not in the packet.
public readonly ref partial struct NfRule
{
    /// <summary>Answers with a TCP reset, or with an ICMP "port unreachable" for everything else.</summary>
    public NfRule Reject(bool tcpReset) => Reject(tcpReset ? NfRejectType.TcpReset : NfRejectType.Icmp, tcpReset ? (byte)0 : (byte)3); // ICMP_PORT_UNREACH

    /// <summary>Answers with a TCP reset or an ICMP error of <paramref name="code"/>.</summary>
    /// <param name="type">What to answer with.</param>
    /// <param name="code">For <see cref="NfRejectType.Icmp"/> the code of that protocol, for the abstract one 0 no route, 1 port, 2 host, 3 prohibited.</param>
    public NfRule Reject(NfRejectType type, byte code)
    {
        Expression expression = Begin("reject"u8);
        _writer.PutBigEndian(NFTA_REJECT_TYPE, (uint)type);
        _writer.Put(NFTA_REJECT_ICMP_CODE, code);
        return Close(expression);
    }

    /// <summary>Counts what comes this far, from the given values on.</summary>
    public NfRule Counter(ulong packets = 0, ulong bytes = 0)
    {
        Expression expression = Begin("counter"u8);
        _writer.PutBigEndian(NFTA_COUNTER_BYTES, bytes);
        _writer.PutBigEndian(NFTA_COUNTER_PACKETS, packets);
        return Close(expression);
    }

    /// <summary>Goes on up to a rate, or with <see cref="NfLimit.Over"/> above it.</summary>
    public NfRule Limit(in NfLimit limit)
    {
        Expression expression = Begin("limit"u8);
        limit.PutAttributes(_writer);
        return Close(expression);
    }

    /// <summary>Goes on until a number of bytes has passed, or with <see cref="NfQuota.Over"/> from then on.</summary>
    public NfRule Quota(in NfQuota quota)
    {
        Expression expression = Begin("quota"u8);
        quota.PutAttributes(_writer);
        return Close(expression);
    }

    /// <summary>Goes on while there are at most so many flows (nft: <c>ct count</c>), or with <paramref name="over"/> when there are more.</summary>
    public NfRule ConnectionLimit(uint count, bool over = false)
    {
        Expression expression = Begin("connlimit"u8);
        _writer.PutBigEndian(NFTA_CONNLIMIT_COUNT, count);
        _writer.PutBigEndian(NFTA_CONNLIMIT_FLAGS, over ? NFT_CONNLIMIT_F_INV : 0u);
        return Close(expression);
    }

    /// <summary>Uses a named object of the table: counts, limits, or gives the flow its timeouts.</summary>
    public NfRule Object(NfObjectType type, string name)
    {
        Expression expression = Begin("objref"u8);
        _writer.PutBigEndian(NFTA_OBJREF_IMM_TYPE, (uint)type);
        _writer.PutString(NFTA_OBJREF_IMM_NAME, name);
        return Close(expression);
    }

    /// <summary>Uses the object that a map (<see cref="NfSet.Object"/>) holds for the key; goes on when it holds one.</summary>
    public NfRule ObjectOf(string map, NfRegister key)
    {
        Expression expression = Begin("objref"u8);
        _writer.PutBigEndian(NFTA_OBJREF_SET_SREG, (uint)key);
        _writer.PutString(NFTA_OBJREF_SET_NAME, map);
        return Close(expression);
    }

    /// <summary>Leaves the packet out of connection tracking (priority <see cref="NfPriority.Raw"/>).</summary>
    public NfRule NoTrack() => Close(Begin("notrack"u8));

    /// <summary>Writes the packet to the kernel's log, or sends it to a group of user programs.</summary>
    public NfRule Log(in NfLog log)
    {
        Expression expression = Begin("log"u8);
        log.PutAttributes(_writer);
        return Close(expression);
    }

    /// <summary>Loads a property of the packet's route.</summary>
    public NfRule Route(NfRouteKey key, NfRegister to)
    {
        Expression expression = Begin("rt"u8);
        _writer.PutBigEndian(NFTA_RT_DREG, (uint)to);
        _writer.PutBigEndian(NFTA_RT_KEY, (uint)key);
        return Close(expression);
    }

    /// <summary>Loads bytes of a TCP option; goes on when the option is there.</summary>
    /// <param name="kind">Number of the option, for example 2 = maximum segment size.</param>
    /// <param name="offset">From the option's first byte, its kind.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="to">First register.</param>
    public NfRule TcpOption(byte kind, int offset, int length, NfRegister to)
    {
        Expression expression = BeginTcpOption(kind, offset, length);
        _writer.PutBigEndian(NFTA_EXTHDR_DREG, (uint)to);
        return Close(expression);
    }

    /// <summary>Writes bytes of a TCP option that is there.</summary>
    public NfRule SetTcpOption(NfRegister from, byte kind, int offset, int length)
    {
        Expression expression = BeginTcpOption(kind, offset, length);
        _writer.PutBigEndian(NFTA_EXTHDR_SREG, (uint)from);
        return Close(expression);
    }

    /// <summary>Lowers the maximum segment size of a TCP SYN to the path's (nft: <c>tcp option maxseg size set rt mtu</c>). Test for SYN first.</summary>
    public NfRule ClampSegmentSize(NfRegister scratch = NfRegister.R0) =>
        Route(NfRouteKey.TcpSegmentSize, scratch).ByteOrder(scratch, scratch, 2, 2, toNetwork: true).SetTcpOption(scratch, kind: 2, offset: 2, length: 2);

    /// <summary>Loads a property of the transformation (IPsec) that the packet came through, or will go through.</summary>
    /// <param name="key">Which.</param>
    /// <param name="outgoing">Direction.</param>
    /// <param name="to">First register.</param>
    /// <param name="depth">0 = the outermost transformation.</param>
    public NfRule Transformation(NfXfrmKey key, bool outgoing, NfRegister to, uint depth = 0)
    {
        Expression expression = Begin("xfrm"u8);
        _writer.PutBigEndian(NFTA_XFRM_DREG, (uint)to);
        _writer.PutBigEndian(NFTA_XFRM_KEY, (uint)key);
        _writer.Put(NFTA_XFRM_DIR, outgoing);
        _writer.PutBigEndian(NFTA_XFRM_SPNUM, depth);
        return Close(expression);
    }

    /// <summary>Goes on when the packet has, or has not, come through IPsec (nft: <c>meta ipsec exists</c>).</summary>
    public NfRule FromIpsec(bool expected, NfRegister scratch = NfRegister.R0) =>
        Meta(NfMetaKey.SecurityPath, scratch).Equal(scratch, [expected ? (byte)1 : (byte)0]);

    private Expression BeginTcpOption(byte kind, int offset, int length)
    {
        Expression expression = Begin("exthdr"u8);
        _writer.Put(NFTA_EXTHDR_TYPE, kind);
        _writer.PutBigEndian(NFTA_EXTHDR_OFFSET, (uint)offset);
        _writer.PutBigEndian(NFTA_EXTHDR_LEN, (uint)length);
        _writer.PutBigEndian(NFTA_EXTHDR_OP, NFT_EXTHDR_OP_TCPOPT);
        return expression;
    }
}
