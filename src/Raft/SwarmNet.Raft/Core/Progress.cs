namespace SwarmNet.Raft;

/// <summary>What a leader knows of one member (Raft paper, figure 2, nextIndex and matchIndex). Invariant: Match &lt; Next.</summary>
internal sealed class Progress(ulong id)
{
    public ulong Id => id;

    public ulong Match { get; set; }

    public ulong Next { get; set; } = 1;

    public ProgressState State { get; private set; }

    /// <summary>Probing: one append is out; wait for its answer or the next heartbeat's.</summary>
    public bool ProbeSent { get; set; }

    /// <summary>Send an append although there is nothing new: everything allowed is sent but not acknowledged, so it may be lost.</summary>
    public bool NeedsProbe { get; set; }

    /// <summary>The commit index in the last append.</summary>
    public ulong SentCommit { get; set; }

    /// <summary>Whether it answered since the quorum was last checked.</summary>
    public bool RecentlyActive { get; set; }

    /// <summary>Whether it had answered when the quorum was last checked.</summary>
    public bool WasActive { get; set; }

    /// <summary>The highest read round that it answered.</summary>
    public ulong ReadRound { get; set; }

    /// <summary>Appends on their way.</summary>
    public Inflights Inflights { get; } = new();

    /// <summary>The snapshot on its way.</summary>
    public ulong PendingSnapshot { get; private set; }

    public ulong PendingSnapshotTerm { get; private set; }

    /// <summary>Bytes of it that are there.</summary>
    public ulong SnapshotOffset { get; set; }

    public bool SnapshotPieceDue { get; set; }

    /// <summary>Ticks since the last piece was sent; after a while it is taken for lost.</summary>
    public int SnapshotTicks { get; set; }

    public void BecomeProbe()
    {
        Next = Match + 1;
        State = ProgressState.Probe;
        ProbeSent = false;
        NeedsProbe = false;
        Inflights.Clear();
    }

    public void BecomeReplicate()
    {
        BecomeProbe();
        State = ProgressState.Replicate;
    }

    public void BecomeSnapshot(ulong index, ulong term)
    {
        BecomeProbe();
        State = ProgressState.Snapshot;
        PendingSnapshot = index;
        PendingSnapshotTerm = term;
        SnapshotOffset = 0;
        SnapshotPieceDue = true;
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
        Inflights.FreeTo(match);
        return true;
    }
}
