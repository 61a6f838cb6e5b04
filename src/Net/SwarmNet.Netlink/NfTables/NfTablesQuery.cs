using SwarmNet.Linux;
using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

/// <summary>Reads nf_tables objects of the namespace of a NETLINK_NETFILTER socket.</summary>
public static class NfTablesQuery
{
    /// <summary>Whether the table exists.</summary>
    public static bool TableExists(NetlinkSocket socket, NfTable table)
    {
        NetlinkWriter request = Begin(NFT_MSG_GETTABLE, NetlinkFlags.Ack, table.Family);
        request.PutString(NFTA_TABLE_NAME, table.Name);
        request.EndMessage();
        try
        {
            return socket.Query<NfTableEntry>(request, NfTableEntry.TryRead, "get table").Count > 0;
        }
        catch (NetlinkException e) when (e.Errno == Errno.ENOENT)
        {
            return false;
        }
    }

    /// <summary>Number that changes with every transaction on the rules of the namespace.</summary>
    public static uint GetGeneration(NetlinkSocket socket)
    {
        NetlinkWriter request = Begin(NFT_MSG_GETGEN, NetlinkFlags.Ack, 0);
        request.EndMessage();
        return socket.Query<uint>(request, TryParseGeneration, "get generation").FirstOrDefault();
    }

    /// <summary>Names of all tables of a family.</summary>
    public static List<string> ListTables(NetlinkSocket socket, NfFamily family) => GetTables(socket, family).ConvertAll(entry => entry.Table.Name);

    /// <summary>Names of the chains of a table; empty when there is no such table.</summary>
    public static List<string> ListChains(NetlinkSocket socket, NfTable table) => GetChains(socket, table).ConvertAll(entry => entry.Name);

    /// <summary>Names of the sets and maps of a table; empty when there is no such table.</summary>
    public static List<string> ListSets(NetlinkSocket socket, NfTable table) => GetSets(socket, table).ConvertAll(entry => entry.Set.Name);

    /// <summary>All tables of a family.</summary>
    public static List<NfTableEntry> GetTables(NetlinkSocket socket, NfFamily family)
    {
        NetlinkWriter request = Begin(NFT_MSG_GETTABLE, NetlinkFlags.Dump, family);
        request.EndMessage();
        return socket.Query<NfTableEntry>(request, NfTableEntry.TryRead, "list tables");
    }

    /// <summary>The chains of a table; empty when there is no such table.</summary>
    public static List<NfChainEntry> GetChains(NetlinkSocket socket, NfTable table)
    {
        NetlinkWriter request = BeginOf(table, NFT_MSG_GETCHAIN, NFTA_CHAIN_TABLE);
        request.EndMessage();
        // The kernel ignores the filter on the table, so it is repeated here.
        return Of(socket.Query<NfChainEntry>(request, NfChainEntry.TryRead, "list chains"), table, entry => entry.Table);
    }

    /// <summary>The rules of a table, or of one of its chains, in order; empty when there is none.</summary>
    public static List<NfRuleEntry> GetRules(NetlinkSocket socket, NfTable table, string? chain = null)
    {
        NetlinkWriter request = BeginOf(table, NFT_MSG_GETRULE, NFTA_RULE_TABLE);
        if (chain is not null)
        {
            request.PutString(NFTA_RULE_CHAIN, chain);
        }

        request.EndMessage();
        return Of(socket.Query<NfRuleEntry>(request, NfRuleEntry.TryRead, "list rules"), table, entry => entry.Table);
    }

    /// <summary>The sets and maps of a table; empty when there is no such table.</summary>
    public static List<NfSetEntry> GetSets(NetlinkSocket socket, NfTable table)
    {
        NetlinkWriter request = BeginOf(table, NFT_MSG_GETSET, NFTA_SET_TABLE);
        request.EndMessage();
        try
        {
            return Of(socket.Query<NfSetEntry>(request, NfSetEntry.TryRead, "list sets"), table, entry => entry.Table);
        }
        catch (NetlinkException e) when (e.Errno == Errno.ENOENT)
        {
            return [];
        }
    }

    /// <summary>The named objects of a table; with <paramref name="reset"/> their counters and quotas start again at 0.</summary>
    public static List<NfObjectEntry> GetObjects(NetlinkSocket socket, NfTable table, bool reset = false)
    {
        NetlinkWriter request = BeginOf(table, reset ? NFT_MSG_GETOBJ_RESET : NFT_MSG_GETOBJ, NFTA_OBJ_TABLE);
        request.EndMessage();
        return Of(socket.Query<NfObjectEntry>(request, NfObjectEntry.TryRead, "list objects"), table, entry => entry.Table);
    }

    /// <summary>All elements of a set or map, in no order.</summary>
    /// <exception cref="NetlinkException">ENOENT: there is no such table or set.</exception>
    public static List<NfElement> ListElements(NetlinkSocket socket, NfTable table, string set)
    {
        NetlinkWriter request = BeginOf(table, NFT_MSG_GETSETELEM, NFTA_SET_ELEM_LIST_TABLE);
        request.PutString(NFTA_SET_ELEM_LIST_SET, set);
        request.EndMessage();
        var all = new List<NfElement>();
        foreach (List<NfElement> part in socket.Query<List<NfElement>>(request, TryParseElements, "list elements"))
        {
            all.AddRange(part);
        }

        return all;
    }

    /// <summary>The elements in one message; false for another kind of message or bad bytes.</summary>
    internal static bool TryParseElements(in NetlinkMessage message, out List<NfElement> elements)
    {
        elements = [];
        if (!NfElementReader.TryCreate(message, out NfElementReader reader))
        {
            return false;
        }

        while (reader.TryRead(out NfElementView element))
        {
            elements.Add(NfElement.From(element));
        }

        return !reader.Malformed;
    }

    internal static bool TryParseGeneration(in NetlinkMessage message, out uint generation)
    {
        generation = 0;
        if (message.Type != MessageType(NFT_MSG_NEWGEN) || !message.Attributes(NfGenMsgLength).TryFind(NFTA_GEN_ID, out NetlinkAttribute id))
        {
            return false;
        }

        generation = id.UInt32BigEndian;
        return true;
    }

    private static List<T> Of<T>(List<T> entries, NfTable table, Func<T, NfTable> tableOf)
    {
        entries.RemoveAll(entry => tableOf(entry) != table);
        return entries;
    }

    private static NetlinkWriter BeginOf(NfTable table, byte message, ushort tableAttribute)
    {
        NetlinkWriter request = Begin(message, NetlinkFlags.Dump, table.Family);
        request.PutString(tableAttribute, table.Name);
        return request;
    }

    private static NetlinkWriter Begin(byte message, NetlinkFlags flags, NfFamily family)
    {
        var request = new NetlinkWriter(256);
        request.BeginMessage(MessageType(message), NetlinkFlags.Request | flags, NetlinkSocket.NextSequence());
        request.Reserve(NfGenMsgLength)[0] = (byte)family;
        return request;
    }
}
