using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace SwarmNet.Netlink.NfTables;

/// <summary>Elements of a set in one message of the kernel.</summary>
/// <param name="Table">The set's table.</param>
/// <param name="Set">Name of the set.</param>
/// <param name="Elements">The elements.</param>
public sealed record NfElementsEntry(NfTable Table, string Set, IReadOnlyList<NfElement> Elements)
{
    /// <summary>Reads a message of elements; false for another message or bad bytes.</summary>
    public static bool TryRead(in NetlinkMessage message, [NotNullWhen(true)] out NfElementsEntry? entry)
    {
        entry = null;
        if (message.Payload.Length < NfConstants.NfGenMsgLength || !NfElementReader.TryCreate(message, out NfElementReader reader)
            || !NfTablesQuery.TryParseElements(message, out List<NfElement> elements))
        {
            return false;
        }

        entry = new NfElementsEntry(new NfTable(NfMessages.Family(message), Encoding.UTF8.GetString(reader.Table)), Encoding.UTF8.GetString(reader.Set), elements);
        return true;
    }
}
