namespace SwarmNet.Netlink.NfTables;

// Attributes of the expressions.
internal static partial class NfConstants
{
    internal const ushort NFTA_PAYLOAD_DREG = 1;
    internal const ushort NFTA_PAYLOAD_BASE = 2;
    internal const ushort NFTA_PAYLOAD_OFFSET = 3;
    internal const ushort NFTA_PAYLOAD_LEN = 4;
    internal const ushort NFTA_PAYLOAD_SREG = 5;
    internal const ushort NFTA_PAYLOAD_CSUM_TYPE = 6;
    internal const ushort NFTA_PAYLOAD_CSUM_OFFSET = 7;
    internal const ushort NFTA_PAYLOAD_CSUM_FLAGS = 8;

    internal const ushort NFTA_META_DREG = 1;
    internal const ushort NFTA_META_KEY = 2;
    internal const ushort NFTA_META_SREG = 3;

    internal const ushort NFTA_CT_DREG = 1;
    internal const ushort NFTA_CT_KEY = 2;
    internal const ushort NFTA_CT_DIRECTION = 3;
    internal const ushort NFTA_CT_SREG = 4;

    internal const ushort NFTA_CMP_SREG = 1;
    internal const ushort NFTA_CMP_OP = 2;
    internal const ushort NFTA_CMP_DATA = 3;

    internal const ushort NFTA_RANGE_SREG = 1;
    internal const ushort NFTA_RANGE_OP = 2;
    internal const ushort NFTA_RANGE_FROM_DATA = 3;
    internal const ushort NFTA_RANGE_TO_DATA = 4;

    internal const ushort NFTA_BITWISE_SREG = 1;
    internal const ushort NFTA_BITWISE_DREG = 2;
    internal const ushort NFTA_BITWISE_LEN = 3;
    internal const ushort NFTA_BITWISE_MASK = 4;
    internal const ushort NFTA_BITWISE_XOR = 5;
    internal const ushort NFTA_BITWISE_OP = 6;
    internal const ushort NFTA_BITWISE_DATA = 7;

    internal const ushort NFTA_BYTEORDER_SREG = 1;
    internal const ushort NFTA_BYTEORDER_DREG = 2;
    internal const ushort NFTA_BYTEORDER_OP = 3;
    internal const ushort NFTA_BYTEORDER_LEN = 4;
    internal const ushort NFTA_BYTEORDER_SIZE = 5;

    internal const ushort NFTA_IMMEDIATE_DREG = 1;
    internal const ushort NFTA_IMMEDIATE_DATA = 2;

    internal const ushort NFTA_LOOKUP_SET = 1;
    internal const ushort NFTA_LOOKUP_SREG = 2;
    internal const ushort NFTA_LOOKUP_DREG = 3;
    internal const ushort NFTA_LOOKUP_SET_ID = 4;
    internal const ushort NFTA_LOOKUP_FLAGS = 5;

    internal const ushort NFTA_DYNSET_SET_NAME = 1;
    internal const ushort NFTA_DYNSET_SET_ID = 2;
    internal const ushort NFTA_DYNSET_OP = 3;
    internal const ushort NFTA_DYNSET_SREG_KEY = 4;
    internal const ushort NFTA_DYNSET_SREG_DATA = 5;
    internal const ushort NFTA_DYNSET_TIMEOUT = 6;
    internal const ushort NFTA_DYNSET_EXPR = 7;
    internal const ushort NFTA_DYNSET_FLAGS = 9;
    internal const ushort NFTA_DYNSET_EXPRESSIONS = 10;

    internal const ushort NFTA_NG_DREG = 1;
    internal const ushort NFTA_NG_MODULUS = 2;
    internal const ushort NFTA_NG_TYPE = 3;
    internal const ushort NFTA_NG_OFFSET = 4;

    internal const ushort NFTA_HASH_SREG = 1;
    internal const ushort NFTA_HASH_DREG = 2;
    internal const ushort NFTA_HASH_LEN = 3;
    internal const ushort NFTA_HASH_MODULUS = 4;
    internal const ushort NFTA_HASH_SEED = 5;
    internal const ushort NFTA_HASH_OFFSET = 6;
    internal const ushort NFTA_HASH_TYPE = 7;

    internal const ushort NFTA_NAT_TYPE = 1;
    internal const ushort NFTA_NAT_FAMILY = 2;
    internal const ushort NFTA_NAT_REG_ADDR_MIN = 3;
    internal const ushort NFTA_NAT_REG_ADDR_MAX = 4;
    internal const ushort NFTA_NAT_REG_PROTO_MIN = 5;
    internal const ushort NFTA_NAT_REG_PROTO_MAX = 6;
    internal const ushort NFTA_NAT_FLAGS = 7;

    internal const ushort NFTA_MASQ_FLAGS = 1;
    internal const ushort NFTA_MASQ_REG_PROTO_MIN = 2;
    internal const ushort NFTA_MASQ_REG_PROTO_MAX = 3;

    internal const ushort NFTA_REDIR_REG_PROTO_MIN = 1;
    internal const ushort NFTA_REDIR_REG_PROTO_MAX = 2;
    internal const ushort NFTA_REDIR_FLAGS = 3;

    internal const ushort NFTA_LOG_GROUP = 1;
    internal const ushort NFTA_LOG_PREFIX = 2;
    internal const ushort NFTA_LOG_SNAPLEN = 3;
    internal const ushort NFTA_LOG_QTHRESHOLD = 4;
    internal const ushort NFTA_LOG_LEVEL = 5;
    internal const ushort NFTA_LOG_FLAGS = 6;

    internal const ushort NFTA_LIMIT_RATE = 1;
    internal const ushort NFTA_LIMIT_UNIT = 2;
    internal const ushort NFTA_LIMIT_BURST = 3;
    internal const ushort NFTA_LIMIT_TYPE = 4;
    internal const ushort NFTA_LIMIT_FLAGS = 5;

    internal const ushort NFTA_CONNLIMIT_COUNT = 1;
    internal const ushort NFTA_CONNLIMIT_FLAGS = 2;

    internal const ushort NFTA_COUNTER_BYTES = 1;
    internal const ushort NFTA_COUNTER_PACKETS = 2;

    internal const ushort NFTA_QUOTA_BYTES = 1;
    internal const ushort NFTA_QUOTA_FLAGS = 2;
    internal const ushort NFTA_QUOTA_CONSUMED = 4;

    internal const ushort NFTA_FIB_DREG = 1;
    internal const ushort NFTA_FIB_RESULT = 2;
    internal const ushort NFTA_FIB_FLAGS = 3;

    internal const ushort NFTA_REJECT_TYPE = 1;
    internal const ushort NFTA_REJECT_ICMP_CODE = 2;

    internal const ushort NFTA_OBJREF_IMM_TYPE = 1;
    internal const ushort NFTA_OBJREF_IMM_NAME = 2;
    internal const ushort NFTA_OBJREF_SET_SREG = 3;
    internal const ushort NFTA_OBJREF_SET_NAME = 4;

    internal const ushort NFTA_TPROXY_FAMILY = 1;
    internal const ushort NFTA_TPROXY_REG_ADDR = 2;
    internal const ushort NFTA_TPROXY_REG_PORT = 3;

    internal const ushort NFTA_RT_DREG = 1;
    internal const ushort NFTA_RT_KEY = 2;

    internal const ushort NFTA_EXTHDR_DREG = 1;
    internal const ushort NFTA_EXTHDR_TYPE = 2;
    internal const ushort NFTA_EXTHDR_OFFSET = 3;
    internal const ushort NFTA_EXTHDR_LEN = 4;
    internal const ushort NFTA_EXTHDR_OP = 6;
    internal const ushort NFTA_EXTHDR_SREG = 7;

    internal const ushort NFTA_XFRM_DREG = 1;
    internal const ushort NFTA_XFRM_KEY = 2;
    internal const ushort NFTA_XFRM_DIR = 3;
    internal const ushort NFTA_XFRM_SPNUM = 4;

    internal const uint NFT_BITWISE_LSHIFT = 1;
    internal const uint NFT_BITWISE_RSHIFT = 2;
    internal const uint NFT_LOOKUP_F_INV = 1;
    internal const uint NFT_DYNSET_F_INV = 1;
    internal const uint NFT_DYNSET_F_EXPR = 2;
    internal const uint NFT_LIMIT_F_INV = 1;
    internal const uint NFT_LIMIT_PKT_BYTES = 1;
    internal const uint NFT_CONNLIMIT_F_INV = 1;
    internal const uint NFT_QUOTA_F_INV = 1;
    internal const uint NFT_HASH_SYM = 1;
    internal const uint NFT_EXTHDR_OP_TCPOPT = 1;
    internal const uint NFT_REJECT_TCP_RST = 1;
    internal const uint NFT_REJECT_ICMPX_UNREACH = 2;
    internal const uint NF_NAT_RANGE_MAP_IPS = 1;
    internal const uint NF_NAT_RANGE_PROTO_SPECIFIED = 2;
}
