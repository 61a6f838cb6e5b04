using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

// Chains and rules.
public sealed partial class NfTablesBatch
{
    /// <summary>Makes a chain that rules and verdict maps can jump to.</summary>
    public NfTablesBatch AddChain(NfTable table, string chain, string? comment = null)
    {
        BeginChain(table, chain);
        PutChainComment(comment);
        return End();
    }

    /// <summary>Makes a chain that sees the packets of a hook; its policy is accept.</summary>
    /// <param name="table">The table.</param>
    /// <param name="chain">Name of the chain.</param>
    /// <param name="type">What it may do.</param>
    /// <param name="hook">Where it sits.</param>
    /// <param name="priority">Order among the chains of that hook, lowest first; see <see cref="NfPriority"/>.</param>
    public NfTablesBatch AddBaseChain(NfTable table, string chain, NfChainType type, NfHook hook, int priority)
    {
        BeginChain(table, chain);
        _writer.EndNested(BeginHook(table, hook, priority));
        PutChainType(type);
        return End();
    }

    /// <summary>Makes a chain that sees the packets of a hook, or of devices. One that exists takes over the policy.</summary>
    public NfTablesBatch AddBaseChain(NfTable table, NfBaseChain chain)
    {
        BeginChain(table, chain.Name);
        int nest = BeginHook(table, chain.Hook, chain.Priority);
        if (chain.Devices.Count == 1)
        {
            _writer.PutString(NFTA_HOOK_DEV, chain.Devices[0]);
        }
        else if (chain.Devices.Count > 1)
        {
            int devices = _writer.BeginNested(NFTA_HOOK_DEVS);
            for (int i = 0; i < chain.Devices.Count; i++)
            {
                _writer.PutString(NFTA_DEVICE_NAME, chain.Devices[i]);
            }

            _writer.EndNested(devices);
        }

        _writer.EndNested(nest);
        _writer.PutBigEndian(NFTA_CHAIN_POLICY, (uint)chain.Policy);
        PutChainType(chain.Type);
        PutChainComment(chain.Comment);
        return End();
    }

    /// <summary>Deletes a chain that has no rules and that nothing jumps to.</summary>
    public NfTablesBatch DeleteChain(NfTable table, string chain)
    {
        Begin(NFT_MSG_DELCHAIN, table.Family, NetlinkFlags.None, "delete chain", chain);
        _writer.PutString(NFTA_CHAIN_TABLE, table.Name);
        _writer.PutString(NFTA_CHAIN_NAME, chain);
        return End();
    }

    /// <summary>Deletes all rules of a chain.</summary>
    public NfTablesBatch FlushChain(NfTable table, string chain)
    {
        BeginRule(NFT_MSG_DELRULE, table, chain, NetlinkFlags.None, "flush chain");
        return End();
    }

    /// <summary>Starts a rule at the end of a chain. Nothing else may be encoded until its <see cref="NfRule.End"/>.</summary>
    public NfRule AddRule(NfTable table, string chain)
    {
        BeginRule(NFT_MSG_NEWRULE, table, chain, NetlinkFlags.Create | NetlinkFlags.Append, "add rule to chain");
        return BeginExpressions();
    }

    /// <summary>Starts a rule behind the one with this handle.</summary>
    public NfRule AddRuleAfter(NfTable table, string chain, ulong handle)
    {
        BeginRule(NFT_MSG_NEWRULE, table, chain, NetlinkFlags.Create | NetlinkFlags.Append, "add rule to chain");
        _writer.PutBigEndian(NFTA_RULE_POSITION, handle);
        return BeginExpressions();
    }

    /// <summary>Starts a rule at the beginning of a chain.</summary>
    public NfRule InsertRule(NfTable table, string chain)
    {
        BeginRule(NFT_MSG_NEWRULE, table, chain, NetlinkFlags.Create, "insert rule into chain");
        return BeginExpressions();
    }

    /// <summary>Starts a rule in front of the one with this handle.</summary>
    public NfRule InsertRuleBefore(NfTable table, string chain, ulong handle)
    {
        BeginRule(NFT_MSG_NEWRULE, table, chain, NetlinkFlags.Create, "insert rule into chain");
        _writer.PutBigEndian(NFTA_RULE_POSITION, handle);
        return BeginExpressions();
    }

    /// <summary>Starts a rule that takes the place of the one with this handle, and gets a new handle.</summary>
    public NfRule ReplaceRule(NfTable table, string chain, ulong handle)
    {
        BeginRule(NFT_MSG_NEWRULE, table, chain, NetlinkFlags.Replace, "replace rule of chain");
        _writer.PutBigEndian(NFTA_RULE_HANDLE, handle);
        return BeginExpressions();
    }

    /// <summary>Deletes the rule with this handle.</summary>
    public NfTablesBatch DeleteRule(NfTable table, string chain, ulong handle)
    {
        BeginRule(NFT_MSG_DELRULE, table, chain, NetlinkFlags.None, "delete rule of chain");
        _writer.PutBigEndian(NFTA_RULE_HANDLE, handle);
        return End();
    }

    private void BeginChain(NfTable table, string chain)
    {
        Begin(NFT_MSG_NEWCHAIN, table.Family, NetlinkFlags.Create, "add chain", chain);
        _writer.PutString(NFTA_CHAIN_TABLE, table.Name);
        _writer.PutString(NFTA_CHAIN_NAME, chain);
    }

    private int BeginHook(NfTable table, NfHook hook, int priority)
    {
        int nest = _writer.BeginNested(NFTA_CHAIN_HOOK);
        _writer.PutBigEndian(NFTA_HOOK_HOOKNUM, NfHooks.Number(table.Family, hook));
        _writer.PutBigEndian(NFTA_HOOK_PRIORITY, priority);
        return nest;
    }

    private void PutChainType(NfChainType type) => _writer.PutString(NFTA_CHAIN_TYPE, type switch
    {
        NfChainType.Nat => "nat"u8,
        NfChainType.Route => "route"u8,
        _ => "filter"u8,
    });

    private void PutChainComment(string? comment)
    {
        if (comment is not null)
        {
            NfUserData.PutComment(_writer, NFTA_CHAIN_USERDATA, NfUserData.ChainComment, comment);
        }
    }

    private void BeginRule(byte message, NfTable table, string chain, NetlinkFlags flags, string operation)
    {
        Begin(message, table.Family, flags, operation, chain);
        _writer.PutString(NFTA_RULE_TABLE, table.Name);
        _writer.PutString(NFTA_RULE_CHAIN, chain);
    }

    private NfRule BeginExpressions() => new(this, _writer.BeginNested(NFTA_RULE_EXPRESSIONS));
}
