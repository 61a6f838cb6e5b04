namespace SwarmNet.Netlink.NfTables;

/// <summary>Numbers of <c>linux/netfilter/nfnetlink.h</c> and <c>linux/netfilter/nf_tables.h</c>: messages and objects.</summary>
internal static partial class NfConstants
{
    internal const ushort NFNL_SUBSYS_CTNETLINK = 1;
    internal const ushort NFNL_SUBSYS_NFTABLES = 10;

    internal const byte NFT_MSG_NEWTABLE = 0;
    internal const byte NFT_MSG_GETTABLE = 1;
    internal const byte NFT_MSG_DELTABLE = 2;
    internal const byte NFT_MSG_NEWCHAIN = 3;
    internal const byte NFT_MSG_GETCHAIN = 4;
    internal const byte NFT_MSG_DELCHAIN = 5;
    internal const byte NFT_MSG_NEWRULE = 6;
    internal const byte NFT_MSG_GETRULE = 7;
    internal const byte NFT_MSG_DELRULE = 8;
    internal const byte NFT_MSG_NEWSET = 9;
    internal const byte NFT_MSG_GETSET = 10;
    internal const byte NFT_MSG_DELSET = 11;
    internal const byte NFT_MSG_NEWSETELEM = 12;
    internal const byte NFT_MSG_GETSETELEM = 13;
    internal const byte NFT_MSG_DELSETELEM = 14;
    internal const byte NFT_MSG_NEWGEN = 15;
    internal const byte NFT_MSG_GETGEN = 16;
    internal const byte NFT_MSG_NEWOBJ = 18;
    internal const byte NFT_MSG_GETOBJ = 19;
    internal const byte NFT_MSG_DELOBJ = 20;
    internal const byte NFT_MSG_GETOBJ_RESET = 21;

    internal const ushort NFTA_LIST_ELEM = 1;

    internal const ushort NFTA_HOOK_HOOKNUM = 1;
    internal const ushort NFTA_HOOK_PRIORITY = 2;
    internal const ushort NFTA_HOOK_DEV = 3;
    internal const ushort NFTA_HOOK_DEVS = 4;

    internal const ushort NFTA_TABLE_NAME = 1;
    internal const ushort NFTA_TABLE_FLAGS = 2;
    internal const ushort NFTA_TABLE_USE = 3;
    internal const ushort NFTA_TABLE_HANDLE = 4;
    internal const ushort NFTA_TABLE_USERDATA = 6;
    internal const ushort NFTA_TABLE_OWNER = 7;

    internal const ushort NFTA_CHAIN_TABLE = 1;
    internal const ushort NFTA_CHAIN_HANDLE = 2;
    internal const ushort NFTA_CHAIN_NAME = 3;
    internal const ushort NFTA_CHAIN_HOOK = 4;
    internal const ushort NFTA_CHAIN_POLICY = 5;
    internal const ushort NFTA_CHAIN_USE = 6;
    internal const ushort NFTA_CHAIN_TYPE = 7;
    internal const ushort NFTA_CHAIN_FLAGS = 10;
    internal const ushort NFTA_CHAIN_USERDATA = 12;

    internal const ushort NFTA_RULE_TABLE = 1;
    internal const ushort NFTA_RULE_CHAIN = 2;
    internal const ushort NFTA_RULE_HANDLE = 3;
    internal const ushort NFTA_RULE_EXPRESSIONS = 4;
    internal const ushort NFTA_RULE_POSITION = 6;
    internal const ushort NFTA_RULE_USERDATA = 7;

    internal const ushort NFTA_SET_TABLE = 1;
    internal const ushort NFTA_SET_NAME = 2;
    internal const ushort NFTA_SET_FLAGS = 3;
    internal const ushort NFTA_SET_KEY_TYPE = 4;
    internal const ushort NFTA_SET_KEY_LEN = 5;
    internal const ushort NFTA_SET_DATA_TYPE = 6;
    internal const ushort NFTA_SET_DATA_LEN = 7;
    internal const ushort NFTA_SET_POLICY = 8;
    internal const ushort NFTA_SET_DESC = 9;
    internal const ushort NFTA_SET_ID = 10;
    internal const ushort NFTA_SET_TIMEOUT = 11;
    internal const ushort NFTA_SET_USERDATA = 13;
    internal const ushort NFTA_SET_OBJ_TYPE = 15;
    internal const ushort NFTA_SET_HANDLE = 16;
    internal const ushort NFTA_SET_EXPR = 17;
    internal const ushort NFTA_SET_EXPRESSIONS = 18;

    internal const ushort NFTA_SET_DESC_SIZE = 1;
    internal const ushort NFTA_SET_DESC_CONCAT = 2;

    internal const ushort NFTA_SET_FIELD_LEN = 1;

    internal const ushort NFTA_SET_ELEM_KEY = 1;
    internal const ushort NFTA_SET_ELEM_DATA = 2;
    internal const ushort NFTA_SET_ELEM_FLAGS = 3;
    internal const ushort NFTA_SET_ELEM_TIMEOUT = 4;
    internal const ushort NFTA_SET_ELEM_EXPIRATION = 5;
    internal const ushort NFTA_SET_ELEM_USERDATA = 6;
    internal const ushort NFTA_SET_ELEM_EXPR = 7;
    internal const ushort NFTA_SET_ELEM_OBJREF = 9;
    internal const ushort NFTA_SET_ELEM_KEY_END = 10;
    internal const ushort NFTA_SET_ELEM_EXPRESSIONS = 11;

    internal const ushort NFTA_SET_ELEM_LIST_TABLE = 1;
    internal const ushort NFTA_SET_ELEM_LIST_SET = 2;
    internal const ushort NFTA_SET_ELEM_LIST_ELEMENTS = 3;
    internal const ushort NFTA_SET_ELEM_LIST_SET_ID = 4;

    internal const ushort NFTA_DATA_VALUE = 1;
    internal const ushort NFTA_DATA_VERDICT = 2;

    internal const ushort NFTA_VERDICT_CODE = 1;
    internal const ushort NFTA_VERDICT_CHAIN = 2;

    internal const ushort NFTA_EXPR_NAME = 1;
    internal const ushort NFTA_EXPR_DATA = 2;

    internal const ushort NFTA_OBJ_TABLE = 1;
    internal const ushort NFTA_OBJ_NAME = 2;
    internal const ushort NFTA_OBJ_TYPE = 3;
    internal const ushort NFTA_OBJ_DATA = 4;
    internal const ushort NFTA_OBJ_USE = 5;
    internal const ushort NFTA_OBJ_HANDLE = 6;
    internal const ushort NFTA_OBJ_USERDATA = 8;

    internal const ushort NFTA_CT_TIMEOUT_L3PROTO = 1;
    internal const ushort NFTA_CT_TIMEOUT_L4PROTO = 2;
    internal const ushort NFTA_CT_TIMEOUT_DATA = 3;

    internal const ushort NFTA_GEN_ID = 1;
    internal const ushort NFTA_GEN_PROC_PID = 2;
    internal const ushort NFTA_GEN_PROC_NAME = 3;

    internal const ushort NFTA_DEVICE_NAME = 1;

    internal const uint NFT_SET_ELEM_INTERVAL_END = 1;
    internal const uint NFT_SET_ELEM_CATCHALL = 2;

    /// <summary>sizeof(struct nfgenmsg).</summary>
    internal const int NfGenMsgLength = 4;

    internal static ushort MessageType(byte message) => (ushort)((NFNL_SUBSYS_NFTABLES << 8) | message);
}
