using System.Runtime.InteropServices;

namespace SwarmNet.Raft;

// Raft paper §6: "a server always uses the latest configuration in its log, regardless of whether the entry is committed".
public sealed partial class RaftCore
{
    // The membership as of the log's beginning, then one per membership entry in the log, by index.
    private readonly List<(ulong Index, RaftMembership Membership)> _memberships = [];

    /// <summary>The membership in force: the latest one in the log.</summary>
    public RaftMembership Membership { get; private set; } = RaftMembership.Empty;

    /// <summary>The entry that brought <see cref="Membership"/>, or that of the snapshot which did.</summary>
    public ulong MembershipIndex => _memberships[^1].Index;

    /// <summary>Whether this node alone decides.</summary>
    public bool IsSoleVoter => !Membership.IsJoint && Membership.VoterSpan is [var only] && only == NodeId;

    /// <summary>The membership as of an entry, for a snapshot of it.</summary>
    public RaftMembership MembershipAt(ulong index)
    {
        for (int i = _memberships.Count - 1; i > 0; i--)
        {
            if (_memberships[i].Index <= index)
            {
                return _memberships[i].Membership;
            }
        }

        return _memberships[0].Membership;
    }

    /// <summary>
    /// Changes the membership, all changes at once. When voters change, the cluster goes through a joint phase, which the leader ends by itself;
    /// the change is done when <see cref="Membership"/> is not joint any more and its entry is committed. One change at a time.
    /// </summary>
    /// <param name="changes">What to change.</param>
    /// <param name="index">The entry of the (joint) membership.</param>
    /// <param name="problem">With <see cref="ProposeStatus.Invalid"/>: what is wrong, as a sentence.</param>
    public ProposeStatus ProposeMembership(ReadOnlySpan<MembershipChange> changes, out ulong index, out string? problem)
    {
        ThrowIfReadyOut();
        index = 0;
        problem = null;
        if (Role != RaftRole.Leader)
        {
            return ProposeStatus.NotLeader;
        }

        if (_transferee != 0)
        {
            return ProposeStatus.Transferring;
        }

        // The first commit of the term settles which membership of an earlier term is in force.
        if (Membership.IsJoint || _memberships[^1].Index > _log.Committed || !HasCommittedInTerm)
        {
            return ProposeStatus.MembershipPending;
        }

        if (Membership.Change(changes, out problem) is not { } changed)
        {
            return ProposeStatus.Invalid;
        }

        if (Is(RaftMutant.ChangeWithoutJoint))
        {
            changed = changed.Leave();
        }

        index = AppendMembership(changed);
        if (Is(RaftMutant.JointLeftEarly) && Membership.IsJoint)
        {
            AppendMembership(Membership.Leave());
        }

        return ProposeStatus.Accepted;
    }

    private ulong AppendMembership(RaftMembership membership)
    {
        ulong index = AppendOwn(EntryType.Membership, membership.ToBytes());
        EnterMembership(index, membership);
        return index;
    }

    private void EnterMembership(ulong index, RaftMembership membership)
    {
        _memberships.Add((index, membership));
        RefreshMembership();
    }

    private void RollBackMemberships(ulong removedFrom)
    {
        if (Is(RaftMutant.MembershipNotRolledBack))
        {
            return;
        }

        int keep = _memberships.Count;
        while (keep > 1 && _memberships[keep - 1].Index >= removedFrom)
        {
            keep--;
        }

        CollectionsMarshal.SetCount(_memberships, keep);
        RefreshMembership();
    }

    private void ResetMemberships(RaftSnapshotChunk snapshot)
    {
        RaftMembership membership = Is(RaftMutant.SnapshotWithoutMembership) ? Membership : snapshot.Membership;
        _memberships.Clear();
        EnterMembership(snapshot.Index, membership);
    }

    private void RecoverMemberships(RaftCoreOptions options)
    {
        EnterMembership(options.SnapshotIndex, options.Membership);
        for (ulong index = _log.OffsetIndex + 1; index <= _log.LastIndex; index++)
        {
            LogEntry entry = _log.At(index);
            if (entry.Type != EntryType.Membership)
            {
                continue;
            }

            if (!RaftMembership.TryParse(entry.Data.Span, out RaftMembership membership))
            {
                throw new RaftException($"Entry {index} should be a membership but cannot be read; run the program version that wrote it.");
            }

            EnterMembership(index, membership);
        }
    }

    private void ForgetOldMemberships()
    {
        while (_memberships.Count > 1 && _memberships[1].Index <= _log.OffsetIndex)
        {
            _memberships.RemoveAt(0);
        }
    }

    private void RefreshMembership()
    {
        RaftMembership membership = Is(RaftMutant.MembershipInForceLate) ? MembershipAt(_log.Committed) : _memberships[^1].Membership;
        if (ReferenceEquals(membership, Membership))
        {
            return;
        }

        Membership = membership;
        if (Role == RaftRole.Leader)
        {
            // From the membership's own entry on.
            UpdateProgress(nextIndex: _memberships[^1].Index);
        }
    }

    private void UpdateProgress(ulong nextIndex)
    {
        List<Progress> updated = [];
        foreach (ReadOnlyMemory<ulong> set in (ReadOnlyMemory<ulong>[])[Membership.VoterSpan.ToArray(), Membership.OutgoingSpan.ToArray(), Membership.LearnerSpan.ToArray()])
        {
            foreach (ulong id in set.Span)
            {
                if (!updated.Exists(progress => progress.Id == id))
                {
                    // A newcomer counts as active until the next check.
                    updated.Add(FindProgress(id) ?? new Progress(id) { Next = nextIndex, RecentlyActive = true });
                }
            }
        }

        updated.Sort(static (a, b) => a.Id.CompareTo(b.Id));
        _progress = [.. updated];
    }

    private void MembershipMayBeCommitted()
    {
        if (Is(RaftMutant.MembershipInForceLate))
        {
            RefreshMembership();
        }

        // §6: "Once C-old,new has been committed … it is now safe for the leader to create a log entry describing C-new".
        if (Role == RaftRole.Leader && Membership.IsJoint && _memberships[^1].Index <= _log.Committed)
        {
            AppendMembership(Membership.Leave());
        }
    }

    // §6: "the leader steps down (returns to follower state) once it has committed the C-new log entry".
    private void ResignIfRemoved()
    {
        if (Membership.IsJoint || Membership.IsVoter(NodeId) || _memberships[^1].Index > _log.Committed)
        {
            return;
        }

        Progress? best = null;
        foreach (Progress progress in _progress)
        {
            if (Membership.IsVoter(progress.Id) && progress.RecentlyActive && progress.Match > (best?.Match ?? 0))
            {
                best = progress;
            }
        }

        if (best is not null)
        {
            SendNow(new RaftMessage { Type = RaftMessageType.TimeoutNow, To = best.Id });
        }

        BecomeFollower(_term, 0);
    }
}
