namespace SwarmNet.Raft;

/// <summary>What a leader knows of one voter (Raft paper, figure 2, nextIndex and matchIndex). Invariant: Match &lt; Next.</summary>
internal sealed class Progress(ulong id)
{
    public ulong Id => id;

    public ulong Match { get; set; }

    public ulong Next { get; set; } = 1;

    public ProgressState State { get; private set; }

    /// <summary>Probing: one append is out; wait for its answer or the next heartbeat's.</summary>
    public bool ProbeSent { get; set; }

    /// <summary>The snapshot on its way.</summary>
    public ulong PendingSnapshot { get; private set; }

    /// <summary>Ticks since it was sent; after a while it is taken for lost.</summary>
    public int SnapshotTicks { get; set; }

    public void BecomeProbe()
    {
        Next = State == ProgressState.Snapshot ? Math.Max(Match + 1, PendingSnapshot + 1) : Match + 1;
        State = ProgressState.Probe;
        ProbeSent = false;
    }

    public void SnapshotLost()
    {
        PendingSnapshot = 0;
        BecomeProbe();
        Next = Match + 1;
    }

    public void BecomeReplicate()
    {
        State = ProgressState.Replicate;
        Next = Match + 1;
        ProbeSent = false;
    }

    public void BecomeSnapshot(ulong index)
    {
        State = ProgressState.Snapshot;
        PendingSnapshot = index;
        SnapshotTicks = 0;
    }

    /// <summary>True when <paramref name="match"/> is news.</summary>
    public bool TryUpdate(ulong match)
    {
        Next = Math.Max(Next, match + 1);
        if (match <= Match)
        {
            return false;
        }

        Match = match;
        return true;
    }
}
