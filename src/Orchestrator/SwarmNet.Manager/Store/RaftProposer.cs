using SwarmNet.Raft;

namespace SwarmNet.Manager.Store;

/// <summary>Proposes the store's transactions to Raft, in one term only: a transaction is made from what that term's leader had applied.</summary>
internal sealed class RaftProposer(RaftNode node, ulong term) : IProposer
{
    private static readonly TimeSpan s_busyPause = TimeSpan.FromMilliseconds(20);

    /// <inheritdoc/>
    public async ValueTask<ulong> ProposeAsync(ReadOnlyMemory<byte> command, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await node.ProposeAsync(command, term, cancellationToken);
            }
            catch (RaftBusyException)
            {
                // Nothing was appended. Either there is room soon, or the leadership goes elsewhere and the term ends.
                await Task.Delay(s_busyPause, cancellationToken);
            }
            catch (RaftDiskFullException full)
            {
                throw StoreException.DiskFull(full);
            }
            catch (RaftException lost)
            {
                throw StoreException.NotLeader(lost);
            }
        }
    }
}
