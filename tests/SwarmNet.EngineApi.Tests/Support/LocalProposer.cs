using SwarmNet.Manager.Store;

namespace SwarmNet.EngineApi.Tests.Support;

/// <summary>A log of one: every entry is committed as it comes.</summary>
internal sealed class LocalProposer(ClusterStore store, ulong index) : IProposer
{
    private ulong index = index;

    public ValueTask<ulong> ProposeAsync(ReadOnlyMemory<byte> command, CancellationToken cancellationToken)
    {
        store.Apply(++index, command.Span);
        return ValueTask.FromResult(index);
    }
}
