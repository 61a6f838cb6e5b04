using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

// Sets, elements, objects.
public sealed partial class NfTablesBatch
{
    /// <summary>Makes a set or map.</summary>
    public NfTablesBatch AddSet(NfTable table, NfSet set)
    {
        Begin(NFT_MSG_NEWSET, table.Family, NetlinkFlags.Create, "add set", set.Name);
        _writer.PutString(NFTA_SET_TABLE, table.Name);
        _writer.PutString(NFTA_SET_NAME, set.Name);
        _writer.PutBigEndian(NFTA_SET_FLAGS, (uint)set.EffectiveFlags);
        _writer.PutBigEndian(NFTA_SET_KEY_TYPE, set.Key.Id);
        _writer.PutBigEndian(NFTA_SET_KEY_LEN, (uint)set.Key.Length);
        if (set.Data is { } data)
        {
            _writer.PutBigEndian(NFTA_SET_DATA_TYPE, data.Id);
            _writer.PutBigEndian(NFTA_SET_DATA_LEN, (uint)data.Length);
        }

        if (set.Object is { } type)
        {
            _writer.PutBigEndian(NFTA_SET_OBJ_TYPE, (uint)type);
        }

        if (set.Timeout > TimeSpan.Zero)
        {
            _writer.PutBigEndian(NFTA_SET_TIMEOUT, (ulong)set.Timeout.TotalMilliseconds);
        }

        if (set.Size > 0 || set.ConcatLengths.Count > 0)
        {
            PutDescription(set);
        }

        NfUserData.PutSet(_writer, NFTA_SET_USERDATA, set.Key.IsHostOrder, set.Data is { IsHostOrder: true }, set.Comment);
        if (set.Expressions.Count > 0)
        {
            _writer.PutExpressions(NFTA_SET_EXPR, NFTA_SET_EXPRESSIONS, [.. set.Expressions]);
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

    /// <summary>Makes a named object. One that exists keeps what it has counted; quotas and limits take over the new numbers.</summary>
    public NfTablesBatch AddObject(NfTable table, NfObject value, string? comment = null)
    {
        BeginObject(NFT_MSG_NEWOBJ, table, value.Type, value.Name, NetlinkFlags.Create, "add object");
        int nest = _writer.BeginNested(NFTA_OBJ_DATA);
        value.PutData(_writer);
        _writer.EndNested(nest);
        if (comment is not null)
        {
            NfUserData.PutComment(_writer, NFTA_OBJ_USERDATA, NfUserData.ObjectComment, comment);
        }

        return End();
    }

    /// <summary>Deletes a named object that nothing uses.</summary>
    public NfTablesBatch DeleteObject(NfTable table, NfObjectType type, string name)
    {
        BeginObject(NFT_MSG_DELOBJ, table, type, name, NetlinkFlags.None, "delete object");
        return End();
    }

    private void BeginObject(byte message, NfTable table, NfObjectType type, string name, NetlinkFlags flags, string operation)
    {
        Begin(message, table.Family, flags, operation, name);
        _writer.PutString(NFTA_OBJ_TABLE, table.Name);
        _writer.PutString(NFTA_OBJ_NAME, name);
        _writer.PutBigEndian(NFTA_OBJ_TYPE, (uint)type);
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
