using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

/// <summary>Walks a list of encoded expressions without allocating. Never throws: bad bytes end the walk with <see cref="Malformed"/>.</summary>
public ref struct NfExpressionReader
{
    private NetlinkAttributeReader _list;
    private bool _malformed;

    internal NfExpressionReader(NetlinkAttributeReader list) => _list = list;

    /// <summary>True after <see cref="TryRead"/> returned false because of bad bytes rather than the end.</summary>
    public readonly bool Malformed => _malformed || _list.Malformed;

    /// <summary>Moves to the next expression.</summary>
    public bool TryRead(out NfExpressionView expression)
    {
        while (_list.TryRead(out NetlinkAttribute item))
        {
            if (item.Type == NFTA_LIST_ELEM)
            {
                _malformed = !NfExpressionView.TryCreate(item.Nested, out expression);
                return !_malformed;
            }
        }

        expression = default;
        return false;
    }

    /// <summary>The expressions as values; false at bad bytes.</summary>
    internal static bool TryDecode(NfExpressionReader reader, out IReadOnlyList<NfExpression> expressions)
    {
        var list = new List<NfExpression>();
        while (reader.TryRead(out NfExpressionView view))
        {
            list.Add(NfExpression.Decode(view));
        }

        expressions = list;
        return !reader.Malformed;
    }
}
