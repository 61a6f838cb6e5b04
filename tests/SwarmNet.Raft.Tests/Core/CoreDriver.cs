namespace SwarmNet.Raft.Tests;

/// <summary>A core with a persistent memory, one step at a time.</summary>
internal sealed class CoreDriver
{
    public CoreDriver(ulong id, ulong[] voters, HardState state = default, params (ulong Term, ulong Index)[] log)
        : this(id, new RaftMembership(voters), state, log)
    {
    }

    public CoreDriver(ulong id, RaftMembership membership, HardState state = default, params (ulong Term, ulong Index)[] log)
        : this(new RaftCoreOptions
        {
            NodeId = id,
            Membership = membership,
            Seed = (int)id,
            HardState = state,
            Entries = [.. log.Select(entry => new LogEntry(entry.Term, entry.Index, EntryType.Command, new byte[] { 1 }))],
        })
    {
    }

    public CoreDriver(RaftCoreOptions options) => Core = new RaftCore(options);

    public RaftCore Core { get; }

    public List<(HardState State, bool MustSync)> Persisted { get; } = [];

    public List<LogEntry> Applied { get; } = [];

    public List<RaftRead> Reads { get; } = [];

    /// <summary>Does everything that is ready; returns the messages, with entries of their own.</summary>
    public List<RaftMessage> Drain()
    {
        List<RaftMessage> messages = [];
        while (Core.TryGetReady(out RaftReady? ready))
        {
            messages.AddRange(ready.ImmediateMessages.Concat(ready.Messages).Select(m => m with { Entries = m.Entries.ToArray() }));
            Persisted.Add((ready.HardState, ready.MustSync));
            Applied.AddRange(ready.CommittedEntries);
            Reads.AddRange(ready.Reads);
            Core.Advance();
        }

        return messages;
    }

    public List<RaftMessage> Step(RaftMessage message)
    {
        Core.Step(message with { To = Core.NodeId });
        return Drain();
    }

    /// <summary>Campaigns and gets every other voter's answer that it might win; returns the requests for votes.</summary>
    public List<RaftMessage> BecomeCandidate()
    {
        Core.Campaign();
        Drain();
        List<RaftMessage> sent = [];
        foreach (ulong voter in Core.Membership.Voters.Concat(Core.Membership.Outgoing).Where(voter => voter != Core.NodeId).Distinct())
        {
            sent.AddRange(Step(new RaftMessage { Type = RaftMessageType.PreVoteResponse, From = voter, Term = Core.Term, Context = Core.Term }));
        }

        return sent;
    }

    public List<RaftMessage> ElectLeader()
    {
        BecomeCandidate();
        List<RaftMessage> sent = [];
        foreach (ulong voter in Core.Membership.Voters.Where(voter => voter != Core.NodeId).Take(Core.Membership.Voters.Count / 2))
        {
            sent.AddRange(Step(new RaftMessage { Type = RaftMessageType.RequestVoteResponse, From = voter, Term = Core.Term }));
        }

        Assert.That(Core.Role, Is.EqualTo(RaftRole.Leader));
        return sent;
    }

    /// <summary>An answer to everything in the log from a follower that has all of it.</summary>
    public List<RaftMessage> Acknowledge(ulong from) => Step(new RaftMessage
    {
        Type = RaftMessageType.AppendEntriesResponse,
        From = from,
        Term = Core.Term,
        LogIndex = Core.LastIndex,
    });
}
