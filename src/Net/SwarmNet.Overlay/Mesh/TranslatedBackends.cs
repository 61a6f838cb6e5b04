using System.Buffers.Binary;
using SwarmNet.Netlink;
using SwarmNet.Netlink.NfTables;

namespace SwarmNet.Overlay.Mesh;

/// <summary>The set of backends that shall not see the client's address.</summary>
internal sealed class TranslatedBackends(NfTable table)
{
    /// <summary>Addresses in force.</summary>
    public HashSet<uint> Addresses { get; private set; } = [];

    /// <summary>Reads what is there.</summary>
    public static HashSet<uint> List(NetlinkSocket socket, NfTable table) =>
        [.. NfTablesQuery.ListElements(socket, table, MeshRules.Translated).Select(static element => BinaryPrimitives.ReadUInt32BigEndian(element.Key.Span))];

    /// <summary>These are in force now.</summary>
    public void Commit(HashSet<uint> addresses) => Addresses = addresses;

    /// <summary>Encodes the change from one set to another, first what goes and then what comes.</summary>
    /// <returns>Number of elements that change.</returns>
    public int Append(NfTablesBatch batch, HashSet<uint> from, HashSet<uint> to) =>
        Append(batch.DeleteElements(table, MeshRules.Translated), from.Except(to)) + Append(batch.AddElements(table, MeshRules.Translated), to.Except(from));

    private static int Append(NfElements elements, IEnumerable<uint> addresses)
    {
        int count = 0;
        Span<byte> key = stackalloc byte[4];
        foreach (uint address in addresses)
        {
            BinaryPrimitives.WriteUInt32BigEndian(key, address);
            elements.Key(key);
            count++;
        }

        elements.End();
        return count;
    }
}
