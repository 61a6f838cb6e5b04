using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

/// <summary>The attributes of nf_tables requests, for error messages. What is inside an expression is named by its number.</summary>
internal static class NfSchema
{
    private static readonly NetlinkAttributeSet _table = Message()
        .Add(NFTA_TABLE_NAME, nameof(NFTA_TABLE_NAME)).Add(NFTA_TABLE_FLAGS, nameof(NFTA_TABLE_FLAGS)).Add(NFTA_TABLE_USERDATA, nameof(NFTA_TABLE_USERDATA));

    private static readonly NetlinkAttributeSet _chain = Message()
        .Add(NFTA_CHAIN_TABLE, nameof(NFTA_CHAIN_TABLE)).Add(NFTA_CHAIN_NAME, nameof(NFTA_CHAIN_NAME)).Add(NFTA_CHAIN_POLICY, nameof(NFTA_CHAIN_POLICY))
        .Add(NFTA_CHAIN_TYPE, nameof(NFTA_CHAIN_TYPE)).Add(NFTA_CHAIN_USERDATA, nameof(NFTA_CHAIN_USERDATA))
        .Add(NFTA_CHAIN_HOOK, nameof(NFTA_CHAIN_HOOK), new NetlinkAttributeSet()
            .Add(NFTA_HOOK_HOOKNUM, nameof(NFTA_HOOK_HOOKNUM)).Add(NFTA_HOOK_PRIORITY, nameof(NFTA_HOOK_PRIORITY)).Add(NFTA_HOOK_DEV, nameof(NFTA_HOOK_DEV))
            .Add(NFTA_HOOK_DEVS, nameof(NFTA_HOOK_DEVS), new NetlinkAttributeSet().Add(NFTA_DEVICE_NAME, nameof(NFTA_DEVICE_NAME))));

    private static readonly NetlinkAttributeSet _rule = Message()
        .Add(NFTA_RULE_TABLE, nameof(NFTA_RULE_TABLE)).Add(NFTA_RULE_CHAIN, nameof(NFTA_RULE_CHAIN)).Add(NFTA_RULE_HANDLE, nameof(NFTA_RULE_HANDLE))
        .Add(NFTA_RULE_POSITION, nameof(NFTA_RULE_POSITION)).Add(NFTA_RULE_USERDATA, nameof(NFTA_RULE_USERDATA))
        .Add(NFTA_RULE_EXPRESSIONS, nameof(NFTA_RULE_EXPRESSIONS), new NetlinkAttributeSet().Add(NFTA_LIST_ELEM, nameof(NFTA_LIST_ELEM), new NetlinkAttributeSet()
            .Add(NFTA_EXPR_NAME, nameof(NFTA_EXPR_NAME)).Add(NFTA_EXPR_DATA, nameof(NFTA_EXPR_DATA))));

    private static readonly NetlinkAttributeSet _set = Message()
        .Add(NFTA_SET_TABLE, nameof(NFTA_SET_TABLE)).Add(NFTA_SET_NAME, nameof(NFTA_SET_NAME)).Add(NFTA_SET_FLAGS, nameof(NFTA_SET_FLAGS))
        .Add(NFTA_SET_KEY_TYPE, nameof(NFTA_SET_KEY_TYPE)).Add(NFTA_SET_KEY_LEN, nameof(NFTA_SET_KEY_LEN)).Add(NFTA_SET_DATA_TYPE, nameof(NFTA_SET_DATA_TYPE))
        .Add(NFTA_SET_DATA_LEN, nameof(NFTA_SET_DATA_LEN)).Add(NFTA_SET_ID, nameof(NFTA_SET_ID)).Add(NFTA_SET_TIMEOUT, nameof(NFTA_SET_TIMEOUT))
        .Add(NFTA_SET_USERDATA, nameof(NFTA_SET_USERDATA)).Add(NFTA_SET_OBJ_TYPE, nameof(NFTA_SET_OBJ_TYPE)).Add(NFTA_SET_EXPR, nameof(NFTA_SET_EXPR))
        .Add(NFTA_SET_EXPRESSIONS, nameof(NFTA_SET_EXPRESSIONS))
        .Add(NFTA_SET_DESC, nameof(NFTA_SET_DESC), new NetlinkAttributeSet()
            .Add(NFTA_SET_DESC_SIZE, nameof(NFTA_SET_DESC_SIZE)).Add(NFTA_SET_DESC_CONCAT, nameof(NFTA_SET_DESC_CONCAT)));

    private static readonly NetlinkAttributeSet _elements = Message()
        .Add(NFTA_SET_ELEM_LIST_TABLE, nameof(NFTA_SET_ELEM_LIST_TABLE)).Add(NFTA_SET_ELEM_LIST_SET, nameof(NFTA_SET_ELEM_LIST_SET))
        .Add(NFTA_SET_ELEM_LIST_SET_ID, nameof(NFTA_SET_ELEM_LIST_SET_ID))
        .Add(NFTA_SET_ELEM_LIST_ELEMENTS, nameof(NFTA_SET_ELEM_LIST_ELEMENTS), new NetlinkAttributeSet().Add(NFTA_LIST_ELEM, nameof(NFTA_LIST_ELEM), new NetlinkAttributeSet()
            .Add(NFTA_SET_ELEM_KEY, nameof(NFTA_SET_ELEM_KEY)).Add(NFTA_SET_ELEM_KEY_END, nameof(NFTA_SET_ELEM_KEY_END)).Add(NFTA_SET_ELEM_DATA, nameof(NFTA_SET_ELEM_DATA))
            .Add(NFTA_SET_ELEM_FLAGS, nameof(NFTA_SET_ELEM_FLAGS)).Add(NFTA_SET_ELEM_TIMEOUT, nameof(NFTA_SET_ELEM_TIMEOUT))
            .Add(NFTA_SET_ELEM_EXPIRATION, nameof(NFTA_SET_ELEM_EXPIRATION)).Add(NFTA_SET_ELEM_USERDATA, nameof(NFTA_SET_ELEM_USERDATA))
            .Add(NFTA_SET_ELEM_OBJREF, nameof(NFTA_SET_ELEM_OBJREF)).Add(NFTA_SET_ELEM_EXPR, nameof(NFTA_SET_ELEM_EXPR))
            .Add(NFTA_SET_ELEM_EXPRESSIONS, nameof(NFTA_SET_ELEM_EXPRESSIONS))));

    private static readonly NetlinkAttributeSet _object = Message()
        .Add(NFTA_OBJ_TABLE, nameof(NFTA_OBJ_TABLE)).Add(NFTA_OBJ_NAME, nameof(NFTA_OBJ_NAME)).Add(NFTA_OBJ_TYPE, nameof(NFTA_OBJ_TYPE))
        .Add(NFTA_OBJ_DATA, nameof(NFTA_OBJ_DATA)).Add(NFTA_OBJ_USERDATA, nameof(NFTA_OBJ_USERDATA));

    private static readonly NetlinkAttributeSet _other = Message();

    internal static NetlinkAttributeSet? Of(ushort messageType) => (byte)messageType switch
    {
        NFT_MSG_NEWTABLE or NFT_MSG_DELTABLE => _table,
        NFT_MSG_NEWCHAIN or NFT_MSG_DELCHAIN => _chain,
        NFT_MSG_NEWRULE or NFT_MSG_DELRULE => _rule,
        NFT_MSG_NEWSET or NFT_MSG_DELSET => _set,
        NFT_MSG_NEWSETELEM or NFT_MSG_DELSETELEM => _elements,
        NFT_MSG_NEWOBJ or NFT_MSG_DELOBJ => _object,
        _ => _other,
    };

    private static NetlinkAttributeSet Message() => new(NfGenMsgLength);
}
