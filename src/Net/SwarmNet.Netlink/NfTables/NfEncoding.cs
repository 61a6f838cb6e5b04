using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

internal static class NfEncoding
{
    /// <summary>NFTA_DATA_VERDICT { code, chain }.</summary>
    internal static void PutVerdict(this NetlinkWriter writer, NfVerdict verdict, string? chain)
    {
        int nest = writer.BeginNested(NFTA_DATA_VERDICT);
        writer.PutBigEndian(NFTA_VERDICT_CODE, (int)verdict);
        if (chain is not null)
        {
            writer.PutString(NFTA_VERDICT_CHAIN, chain);
        }

        writer.EndNested(nest);
    }

    /// <summary>type { NFTA_DATA_VALUE bytes }.</summary>
    internal static void PutValue(this NetlinkWriter writer, ushort type, scoped ReadOnlySpan<byte> value)
    {
        int nest = writer.BeginNested(type);
        writer.Put(NFTA_DATA_VALUE, value);
        writer.EndNested(nest);
    }

    /// <summary>What sets, elements and dynset carry: one expression in an attribute of its own (as kernels before 5.11 want it), more in a list.</summary>
    internal static void PutExpressions(this NetlinkWriter writer, ushort single, ushort list, scoped ReadOnlySpan<NfExpression> expressions)
    {
        if (expressions.Length == 1)
        {
            expressions[0].AppendTo(new NfRule(writer, single));
        }
        else if (expressions.Length > 1)
        {
            int nest = writer.BeginNested(list);
            var writerOfList = new NfRule(writer, NFTA_LIST_ELEM);
            foreach (NfExpression expression in expressions)
            {
                expression.AppendTo(writerOfList);
            }

            writer.EndNested(nest);
        }
    }
}
