using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

/// <summary>
/// Elements of one set being added or deleted; made by <see cref="NfTablesBatch.AddElements"/> and
/// <see cref="NfTablesBatch.DeleteElements"/>, finished by <see cref="End"/>. Splits into messages as the kernel's limits demand.
/// </summary>
public ref struct NfElements
{
    // A nested attribute has a 16-bit length; one element is at most a few hundred bytes.
    private const int MaxListBytes = 60_000;

    private readonly NfTablesBatch _batch;
    private readonly NetlinkWriter _writer;
    private readonly NfTable _table;
    private readonly string _set;
    private readonly uint _setId;
    private readonly bool _add;
    private int _list;
    private int _count;

    internal NfElements(NfTablesBatch batch, NfTable table, string set, uint setId, bool add)
    {
        _batch = batch;
        _writer = batch.Writer;
        _table = table;
        _set = set;
        _setId = setId;
        _add = add;
        _list = -1;
    }

    /// <summary>A key. Parts of a concatenation are padded to 4 bytes each; numbers that rules compute are in host order.</summary>
    public void Key(scoped ReadOnlySpan<byte> key) => EndElement(BeginElement(key));

    /// <summary>A key and what the map holds for it.</summary>
    public void Pair(scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> data)
    {
        int element = BeginElement(key);
        _writer.PutValue(NFTA_SET_ELEM_DATA, data);
        EndElement(element);
    }

    /// <summary>A key and its verdict.</summary>
    public void Verdict(scoped ReadOnlySpan<byte> key, NfVerdict verdict, string? chain = null)
    {
        int element = BeginElement(key);
        PutVerdict(verdict, chain);
        EndElement(element);
    }

    /// <summary>A key and the name of its object, of a map of objects.</summary>
    public void Object(scoped ReadOnlySpan<byte> key, string name)
    {
        int element = BeginElement(key);
        _writer.PutString(NFTA_SET_ELEM_OBJREF, name);
        EndElement(element);
    }

    /// <summary>
    /// A range of an interval set: from <paramref name="first"/> up to, and without, <paramref name="end"/>, big endian; as the
    /// kernel's rbtree wants it, two elements.
    /// </summary>
    public void Range(scoped ReadOnlySpan<byte> first, scoped ReadOnlySpan<byte> end)
    {
        EndElement(BeginElement(first));
        PutIntervalEnd(end);
    }

    /// <summary>As <see cref="Range"/>, with what the map holds for all of it.</summary>
    public void RangePair(scoped ReadOnlySpan<byte> first, scoped ReadOnlySpan<byte> end, scoped ReadOnlySpan<byte> data)
    {
        Pair(first, data);
        PutIntervalEnd(end);
    }

    /// <summary>As <see cref="Range"/>, with its verdict.</summary>
    public void RangeVerdict(scoped ReadOnlySpan<byte> first, scoped ReadOnlySpan<byte> end, NfVerdict verdict, string? chain = null)
    {
        Verdict(first, verdict, chain);
        PutIntervalEnd(end);
    }

    /// <summary>
    /// A range of an interval set over a concatenation: every part lies from that of <paramref name="first"/> to that of
    /// <paramref name="last"/>, both inside. With data for a map.
    /// </summary>
    public void ConcatRange(scoped ReadOnlySpan<byte> first, scoped ReadOnlySpan<byte> last, scoped ReadOnlySpan<byte> data = default) =>
        Element(new NfElementSpec { Key = first, KeyEnd = last, Data = data });

    /// <summary>As <see cref="ConcatRange"/>, with its verdict.</summary>
    public void ConcatRangeVerdict(scoped ReadOnlySpan<byte> first, scoped ReadOnlySpan<byte> last, NfVerdict verdict, string? chain = null) =>
        Element(new NfElementSpec { Key = first, KeyEnd = last, Verdict = verdict, Chain = chain });

    /// <summary>An element with timeouts, comment, counters and so on.</summary>
    public void Element(scoped NfElementSpec spec)
    {
        int element = BeginElement(spec.CatchAll ? default : spec.Key);
        uint flags = (spec.CatchAll ? NFT_SET_ELEM_CATCHALL : 0) | (spec.IntervalEnd ? NFT_SET_ELEM_INTERVAL_END : 0);
        if (flags != 0)
        {
            _writer.PutBigEndian(NFTA_SET_ELEM_FLAGS, flags);
        }

        if (!spec.KeyEnd.IsEmpty)
        {
            _writer.PutValue(NFTA_SET_ELEM_KEY_END, spec.KeyEnd);
        }

        if (spec.Verdict is { } verdict)
        {
            PutVerdict(verdict, spec.Chain);
        }
        else if (!spec.Data.IsEmpty)
        {
            _writer.PutValue(NFTA_SET_ELEM_DATA, spec.Data);
        }

        if (spec.TimeoutMs != 0)
        {
            _writer.PutBigEndian(NFTA_SET_ELEM_TIMEOUT, spec.TimeoutMs);
        }

        if (spec.ExpirationMs != 0)
        {
            _writer.PutBigEndian(NFTA_SET_ELEM_EXPIRATION, spec.ExpirationMs);
        }

        if (spec.Comment is not null)
        {
            NfUserData.PutComment(_writer, NFTA_SET_ELEM_USERDATA, NfUserData.ElementComment, spec.Comment);
        }

        if (spec.Object is not null)
        {
            _writer.PutString(NFTA_SET_ELEM_OBJREF, spec.Object);
        }

        _writer.PutExpressions(NFTA_SET_ELEM_EXPR, NFTA_SET_ELEM_EXPRESSIONS, spec.Expressions);
        EndElement(element);
    }

    /// <summary>Finishes the last message. Without any element nothing is encoded.</summary>
    public NfTablesBatch End()
    {
        CloseMessage();
        return _batch;
    }

    private int BeginElement(scoped ReadOnlySpan<byte> key)
    {
        if (_list >= 0 && (_count == NfTablesBatch.MaxElementsPerMessage || _writer.NestedLength(_list) > MaxListBytes))
        {
            CloseMessage();
        }

        if (_list < 0)
        {
            OpenMessage();
        }

        _count++;
        int element = _writer.BeginNested(NFTA_LIST_ELEM);
        if (!key.IsEmpty)
        {
            _writer.PutValue(NFTA_SET_ELEM_KEY, key);
        }

        return element;
    }

    private void PutIntervalEnd(scoped ReadOnlySpan<byte> end)
    {
        int element = BeginElement(end);
        _writer.PutBigEndian(NFTA_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END);
        EndElement(element);
    }

    private readonly void PutVerdict(NfVerdict verdict, string? chain)
    {
        int nest = _writer.BeginNested(NFTA_SET_ELEM_DATA);
        _writer.PutVerdict(verdict, chain);
        _writer.EndNested(nest);
    }

    private readonly void EndElement(int element) => _writer.EndNested(element);

    private void OpenMessage()
    {
        _batch.Begin(
            _add ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM,
            _table.Family,
            _add ? NetlinkFlags.Create : NetlinkFlags.None,
            _add ? "add elements to set" : "delete elements of set",
            _set);
        _writer.PutString(NFTA_SET_ELEM_LIST_TABLE, _table.Name);
        _writer.PutString(NFTA_SET_ELEM_LIST_SET, _set);
        if (_setId != 0)
        {
            _writer.PutBigEndian(NFTA_SET_ELEM_LIST_SET_ID, _setId);
        }

        _list = _writer.BeginNested(NFTA_SET_ELEM_LIST_ELEMENTS);
        _count = 0;
    }

    private void CloseMessage()
    {
        if (_list >= 0)
        {
            _writer.EndNested(_list);
            _batch.End();
            _list = -1;
        }
    }
}
