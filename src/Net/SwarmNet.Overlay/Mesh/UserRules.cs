using SwarmNet.Netlink;
using SwarmNet.Netlink.NfTables;

namespace SwarmNet.Overlay.Mesh;

/// <summary>
/// The table in which the host's owner says who may use published ports. It is made, with an empty chain, when it is not there, and never touched
/// again; only a table that the owner has left as it was made is removed with the mesh.
/// </summary>
internal static class UserRules
{
    /// <summary>Name of the table (family ip).</summary>
    public const string TableName = "swarmnet_user";

    /// <summary>The owner's chain: sees the packets of clients to published ports, translated already.</summary>
    public const string Chain = "published";

    private const uint DestinationTranslated = 0x20;
    private static readonly NfTable _table = new(NfFamily.Ip, TableName);

    /// <summary>Makes the table unless it is there, or shall only be looked for. True when it was not there.</summary>
    public static bool Ensure(NetlinkSocket socket, bool inspectOnly = false)
    {
        if (NfTablesQuery.TableExists(socket, _table))
        {
            return false;
        }

        if (!inspectOnly)
        {
            Define().Execute(socket);
        }

        return true;
    }

    /// <summary>Removes the table when it is as it was made: nobody has put anything into it.</summary>
    public static void DeleteUnused(NetlinkSocket socket)
    {
        NfTableSnapshot found = NfTableSnapshot.Read(socket, _table);
        if (found.Entry is not null && found.DifferencesFrom(NfTableSnapshot.Of(Define(), _table)).Count == 0)
        {
            new NfTablesBatch().DeleteTable(_table).Execute(socket);
        }
    }

    private static NfTablesBatch Define()
    {
        var batch = new NfTablesBatch();
        batch.AddTable(_table)
            .AddChain(_table, Chain)
            .AddBaseChain(_table, "forward", NfChainType.Filter, NfHook.Forward, NfPriority.Filter - 10);
        return batch.AddRule(_table, "forward").ConntrackAny(NfCtKey.Status, DestinationTranslated)
            .Conntrack(NfCtKey.Direction, NfRegister.R0).Equal(NfRegister.R0, [0]).Verdict(NfVerdict.Jump, Chain).End();
    }
}
