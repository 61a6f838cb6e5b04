namespace SwarmNet.Raft.Tests;

/// <summary>A core with a persistent memory, one step at a time.</summary>
internal sealed class CoreDriver
{
    public CoreDriver(ulong id, ulong[] voters, HardState state = default, params (ulong Term, ulong Index)[] log) =>
        Core = new RaftCore(new RaftCoreOptions
        {
            NodeId = id,
            Voters = voters,
            Seed = (int)id,
            HardState = state,
            Entries = [.. log.Select(entry => new LogEntry(entry.Term, entry.Index, EntryType.Command, new byte[] { 1 }))],
        });

    public RaftCore Core { get; }

    public List<(HardState State, bool MustSync)> Persisted { get; } = [];

    public List<LogEntry> Applied { get; } = [];

    /// <summary>Does everything that is ready; returns the messages.</summary>
    public List<RaftMessage> Drain()
    {
        List<RaftMessage> messages = [];
        while (Core.TryGetReady(out RaftReady? ready))
        {
            Persisted.Add((ready.HardState, ready.MustSync));
            messages.AddRange(ready.Messages);
            Applied.AddRange(ready.CommittedEntries);
            Core.Advance();
        }

        return messages;
    }

    public List<RaftMessage> Step(RaftMessage message)
    {
        Core.Step(message with { To = Core.NodeId });
        return Drain();
    }

    public List<RaftMessage> ElectLeader()
    {
        Core.Campaign();
        Drain();
        List<RaftMessage> sent = [];
        foreach (ulong voter in Core.Voters.Where(voter => voter != Core.NodeId).Take(Core.Voters.Count / 2))
        {
            sent.AddRange(Step(new RaftMessage { Type = RaftMessageType.RequestVoteResponse, From = voter, Term = Core.Term }));
        }

        Assert.That(Core.Role, Is.EqualTo(RaftRole.Leader));
        return sent;
    }
}
