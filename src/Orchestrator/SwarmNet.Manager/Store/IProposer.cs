namespace SwarmNet.Manager.Store;

/// <summary>Where the store's transactions become durable: one replicated log entry each.</summary>
public interface IProposer
{
    /// <summary>
    /// Appends <paramref name="command"/> to the log; returns its index once it is committed and applied to the state machine.
    /// Throws <see cref="StoreException"/> with <see cref="StoreError.NotLeader"/> when this manager may not write; then the command
    /// may still turn up later.
    /// </summary>
    ValueTask<ulong> ProposeAsync(ReadOnlyMemory<byte> command, CancellationToken cancellationToken);
}
