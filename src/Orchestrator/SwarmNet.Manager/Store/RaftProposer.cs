using SwarmNet.Raft;

namespace SwarmNet.Manager.Store;

/// <summary>Proposes the store's transactions to Raft.</summary>
internal sealed class RaftProposer(RaftNode node) : IProposer
{
    /// <inheritdoc/>
    public async ValueTask<ulong> ProposeAsync(ReadOnlyMemory<byte> command, CancellationToken cancellationToken)
    {
        try
        {
            return await node.ProposeAsync(command, cancellationToken);
        }
        catch (RaftException e)
        {
            throw StoreException.NotLeader(e);
        }
    }
}
