using SwarmNet.Manager.Store;
using SwarmNet.Raft;

namespace SwarmNet.Manager.Tests.Store;

/// <summary>A log in memory: an entry is applied as soon as it is proposed, unless the test holds it back or makes it fail.</summary>
internal sealed class MemoryLog(params IStateMachine[] machines) : IProposer
{
    private ulong _index;

    public List<byte[]> Entries { get; } = [];

    public Func<Task>? BeforeAppend { get; set; }

    public async ValueTask<ulong> ProposeAsync(ReadOnlyMemory<byte> command, CancellationToken cancellationToken)
    {
        if (BeforeAppend is not null)
        {
            await BeforeAppend();
        }

        Entries.Add(command.ToArray());
        _index++;
        foreach (var machine in machines)
        {
            machine.Apply(_index, command.Span);
        }

        return _index;
    }
}
