using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

/// <summary>
/// One nf_tables transaction: the changes between BATCH_BEGIN and BATCH_END take effect together or not at all. The buffer is
/// reused: after <see cref="Clear"/> a transaction no larger than an earlier one is encoded without allocation. Not thread-safe.
/// </summary>
public sealed class NfTablesBatch
{
    /// <summary>Most elements in one message.</summary>
    public const int MaxElementsPerMessage = 1000;

    private readonly NfnetlinkBatch _writer;

    /// <summary>Creates an empty transaction.</summary>
    /// <param name="capacityBytes">Room before the buffer grows for the first time.</param>
    public NfTablesBatch(int capacityBytes = 4096) => _writer = new NfnetlinkBatch(NFNL_SUBSYS_NFTABLES, capacityBytes);

    /// <summary>Number of messages between begin and end.</summary>
    public int ChangeCount => _writer.Changes;

    /// <summary>Whether there is nothing to send.</summary>
    public bool IsEmpty => _writer.Changes == 0;

    internal NfnetlinkBatch Writer => _writer;

    /// <summary>Forgets all changes and keeps the buffer.</summary>
    public void Clear() => _writer.Clear();

    /// <summary>
    /// Has the kernel carry the transaction out, in the namespace of the socket (NETLINK_NETFILTER). Without changes nothing is sent.
    /// </summary>
    /// <exception cref="NetlinkException">The first change that was refused; then none took effect.</exception>
    public void Execute(NetlinkSocket socket)
    {
        if (!IsEmpty)
        {
            socket.Execute(_writer);
        }
    }

    /// <summary>Makes a table; one that exists is left as it is.</summary>
    public NfTablesBatch AddTable(NfTable table)
    {
        Begin(NFT_MSG_NEWTABLE, table.Family, NetlinkFlags.Create, "add table", table.Name);
        _writer.PutString(NFTA_TABLE_NAME, table.Name);
        _writer.PutBigEndian(NFTA_TABLE_FLAGS, 0u);
        return End();
    }

    /// <summary>Deletes a table and everything in it. Fails with ENOENT when there is none.</summary>
    public NfTablesBatch DeleteTable(NfTable table)
    {
        Begin(NFT_MSG_DELTABLE, table.Family, NetlinkFlags.None, "delete table", table.Name);
        _writer.PutString(NFTA_TABLE_NAME, table.Name);
        return End();
    }

    /// <summary>Makes a table, empty whether or not it existed: what follows replaces its content atomically.</summary>
    public NfTablesBatch ReplaceTable(NfTable table) => AddTable(table).DeleteTable(table).AddTable(table);

    /// <summary>Makes a chain that rules and verdict maps can jump to.</summary>
    public NfTablesBatch AddChain(NfTable table, string chain)
    {
        Begin(NFT_MSG_NEWCHAIN, table.Family, NetlinkFlags.Create, "add chain", chain);
        _writer.PutString(NFTA_CHAIN_TABLE, table.Name);
        _writer.PutString(NFTA_CHAIN_NAME, chain);
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
        Begin(NFT_MSG_NEWCHAIN, table.Family, NetlinkFlags.Create, "add chain", chain);
        _writer.PutString(NFTA_CHAIN_TABLE, table.Name);
        _writer.PutString(NFTA_CHAIN_NAME, chain);
        int nest = _writer.BeginNested(NFTA_CHAIN_HOOK);
        _writer.PutBigEndian(NFTA_HOOK_HOOKNUM, (uint)hook);
        _writer.PutBigEndian(NFTA_HOOK_PRIORITY, priority);
        _writer.EndNested(nest);
        _writer.PutString(NFTA_CHAIN_TYPE, type switch
        {
            NfChainType.Nat => "nat"u8,
            NfChainType.Route => "route"u8,
            _ => "filter"u8,
        });
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
        Begin(NFT_MSG_DELRULE, table.Family, NetlinkFlags.None, "flush chain", chain);
        _writer.PutString(NFTA_RULE_TABLE, table.Name);
        _writer.PutString(NFTA_RULE_CHAIN, chain);
        return End();
    }

    /// <summary>Starts a rule at the end of a chain. Nothing else may be encoded until its <see cref="NfRule.End"/>.</summary>
    public NfRule AddRule(NfTable table, string chain)
    {
        Begin(NFT_MSG_NEWRULE, table.Family, NetlinkFlags.Create | NetlinkFlags.Append, "add rule to chain", chain);
        _writer.PutString(NFTA_RULE_TABLE, table.Name);
        _writer.PutString(NFTA_RULE_CHAIN, chain);
        return new NfRule(this, _writer.BeginNested(NFTA_RULE_EXPRESSIONS));
    }

    /// <summary>Makes a set or map.</summary>
    public NfTablesBatch AddSet(NfTable table, NfSet set)
    {
        Begin(NFT_MSG_NEWSET, table.Family, NetlinkFlags.Create, "add set", set.Name);
        _writer.PutString(NFTA_SET_TABLE, table.Name);
        _writer.PutString(NFTA_SET_NAME, set.Name);
        _writer.PutBigEndian(NFTA_SET_FLAGS, (uint)(set.Flags | (set.Data is null ? NfSetFlags.None : NfSetFlags.Map)));
        _writer.PutBigEndian(NFTA_SET_KEY_TYPE, set.Key.Id);
        _writer.PutBigEndian(NFTA_SET_KEY_LEN, (uint)set.Key.Length);
        if (set.Data is { } data)
        {
            _writer.PutBigEndian(NFTA_SET_DATA_TYPE, data.Id);
            _writer.PutBigEndian(NFTA_SET_DATA_LEN, (uint)data.Length);
        }

        if (set.Size > 0 || set.ConcatLengths.Count > 0)
        {
            PutDescription(set);
        }

        // Always sent: the kernel refuses a set without a transaction id.
        _writer.PutBigEndian(NFTA_SET_ID, set.Id);
        return End();
    }

    /// <summary>Deletes a set that no rule names.</summary>
    public NfTablesBatch DeleteSet(NfTable table, string set)
    {
        Begin(NFT_MSG_DELSET, table.Family, NetlinkFlags.None, "delete set", set);
        _writer.PutString(NFTA_SET_TABLE, table.Name);
        _writer.PutString(NFTA_SET_NAME, set);
        return End();
    }

    /// <summary>Deletes all elements of a set.</summary>
    public NfTablesBatch FlushSet(NfTable table, string set)
    {
        Begin(NFT_MSG_DELSETELEM, table.Family, NetlinkFlags.None, "flush set", set);
        _writer.PutString(NFTA_SET_ELEM_LIST_TABLE, table.Name);
        _writer.PutString(NFTA_SET_ELEM_LIST_SET, set);
        return End();
    }

    /// <summary>
    /// Starts adding elements; as many messages as needed are made. A key that is there with the same data is left alone, with
    /// other data the transaction fails with EEXIST: delete it first, in the same transaction.
    /// </summary>
    /// <param name="table">The table.</param>
    /// <param name="set">Name of the set.</param>
    /// <param name="setId">The set's <see cref="NfSet.Id"/> when it is made in this transaction, else 0.</param>
    public NfElements AddElements(NfTable table, string set, uint setId = 0) => new(this, table, set, setId, add: true);

    /// <summary>Starts deleting elements by key. A key that is not there makes the transaction fail with ENOENT.</summary>
    public NfElements DeleteElements(NfTable table, string set) => new(this, table, set, 0, add: false);

    internal void Begin(byte message, NfFamily family, NetlinkFlags flags, string operation, string subject) =>
        _writer.BeginChange(message, flags, (byte)family, operation, subject);

    internal NfTablesBatch End()
    {
        _writer.EndMessage();
        return this;
    }

    private void PutDescription(NfSet set)
    {
        int description = _writer.BeginNested(NFTA_SET_DESC);
        if (set.Size > 0)
        {
            _writer.PutBigEndian(NFTA_SET_DESC_SIZE, (uint)set.Size);
        }

        if (set.ConcatLengths.Count > 0)
        {
            int concat = _writer.BeginNested(NFTA_SET_DESC_CONCAT);
            foreach (int length in set.ConcatLengths)
            {
                int field = _writer.BeginNested(NFTA_LIST_ELEM);
                _writer.PutBigEndian(NFTA_SET_FIELD_LEN, (uint)length);
                _writer.EndNested(field);
            }

            _writer.EndNested(concat);
        }

        _writer.EndNested(description);
    }
}
