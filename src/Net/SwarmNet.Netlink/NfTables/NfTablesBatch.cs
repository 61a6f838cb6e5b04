using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

/// <summary>
/// One nf_tables transaction: the changes between BATCH_BEGIN and BATCH_END take effect together or not at all. The buffer is
/// reused: after <see cref="Clear"/> a transaction no larger than an earlier one is encoded without allocation. Not thread-safe.
/// </summary>
public sealed partial class NfTablesBatch
{
    /// <summary>Most elements in one message.</summary>
    public const int MaxElementsPerMessage = 1000;

    private readonly NfTransaction _writer;

    /// <summary>Creates an empty transaction.</summary>
    /// <param name="capacityBytes">Room before the buffer grows for the first time.</param>
    public NfTablesBatch(int capacityBytes = 4096) => _writer = new NfTransaction(capacityBytes);

    /// <summary>Number of messages between begin and end.</summary>
    public int ChangeCount => _writer.Changes;

    /// <summary>Whether there is nothing to send.</summary>
    public bool IsEmpty => _writer.Changes == 0;

    internal NfTransaction Writer => _writer;

    /// <summary>Forgets all changes and keeps the buffer.</summary>
    public void Clear() => _writer.Clear();

    /// <summary>
    /// The kernel carries the transaction out only if its rules are still those of this generation (<see cref="NfTablesQuery.GetGeneration"/>);
    /// otherwise it fails with ERESTART and nothing changes. Call it before the first change; <see cref="Clear"/> forgets it.
    /// </summary>
    public NfTablesBatch RequireGeneration(uint generation)
    {
        _writer.RequireGeneration(generation);
        return this;
    }

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

    /// <summary>Makes a table; one that exists only takes over the flags, as far as the kernel lets it.</summary>
    public NfTablesBatch AddTable(NfTable table, NfTableFlags flags = NfTableFlags.None, string? comment = null)
    {
        Begin(NFT_MSG_NEWTABLE, table.Family, NetlinkFlags.Create, "add table", table.Name);
        _writer.PutString(NFTA_TABLE_NAME, table.Name);
        _writer.PutBigEndian(NFTA_TABLE_FLAGS, (uint)flags);
        if (comment is not null)
        {
            NfUserData.PutComment(_writer, NFTA_TABLE_USERDATA, NfUserData.TableComment, comment);
        }

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

    internal void Begin(byte message, NfFamily family, NetlinkFlags flags, string operation, string subject) =>
        _writer.BeginChange(message, flags, (byte)family, operation, subject);

    internal NfTablesBatch End()
    {
        _writer.EndMessage();
        return this;
    }
}
