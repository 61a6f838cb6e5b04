using System.Buffers.Binary;

namespace SwarmNet.Raft;

/// <summary>
/// Who votes and who listens. While <see cref="Outgoing"/> is not empty the membership is joint: elections and commits need a majority of
/// <see cref="Voters"/> and one of <see cref="Outgoing"/> (Raft paper §6). As bytes, little endian: u8 version (1), u16 × 4 counts, then the
/// ids of voters, outgoing, learners, next learners as u64.
/// </summary>
public sealed class RaftMembership : IEquatable<RaftMembership>
{
    private const byte Version = 1;
    private const int HeaderBytes = 9;

    private readonly ulong[] _voters;
    private readonly ulong[] _outgoing;
    private readonly ulong[] _learners;
    private readonly ulong[] _nextLearners;

    /// <summary>Voters, and optionally learners; not joint.</summary>
    public RaftMembership(IEnumerable<ulong> voters, IEnumerable<ulong>? learners = null)
        : this([.. voters], [], [.. learners ?? []], [])
    {
    }

    private RaftMembership(ulong[] voters, ulong[] outgoing, ulong[] learners, ulong[] nextLearners)
    {
        _voters = Sorted(voters);
        _outgoing = Sorted(outgoing);
        _learners = Sorted(learners);
        _nextLearners = Sorted(nextLearners);
    }

    /// <summary>Nobody: what a node knows that waits to be taken into a cluster.</summary>
    public static RaftMembership Empty { get; } = new([], [], [], []);

    /// <summary>The voters, ascending; of a joint membership those that will be.</summary>
    public IReadOnlyList<ulong> Voters => _voters;

    /// <summary>The voters that were, ascending; empty unless joint.</summary>
    public IReadOnlyList<ulong> Outgoing => _outgoing;

    /// <summary>Members without a vote, ascending.</summary>
    public IReadOnlyList<ulong> Learners => _learners;

    /// <summary>Outgoing voters that become learners when the joint phase ends, ascending.</summary>
    public IReadOnlyList<ulong> NextLearners => _nextLearners;

    /// <summary>Whether two majorities are needed.</summary>
    public bool IsJoint => _outgoing.Length > 0;

    internal ReadOnlySpan<ulong> VoterSpan => _voters;

    internal ReadOnlySpan<ulong> OutgoingSpan => _outgoing;

    internal ReadOnlySpan<ulong> LearnerSpan => _learners;

    /// <summary>The length of <see cref="ToBytes"/>.</summary>
    internal int ByteCount => HeaderBytes + ((_voters.Length + _outgoing.Length + _learners.Length + _nextLearners.Length) * sizeof(ulong));

    /// <summary>Whether the node votes, be it in the old or in the new half.</summary>
    public bool IsVoter(ulong nodeId) => VoterSpan.Contains(nodeId) || OutgoingSpan.Contains(nodeId);

    /// <summary>Whether the node votes or listens.</summary>
    public bool Contains(ulong nodeId) => IsVoter(nodeId) || LearnerSpan.Contains(nodeId);

    /// <summary>Reads what <see cref="ToBytes"/> wrote; false when the bytes are none.</summary>
    public static bool TryParse(ReadOnlySpan<byte> source, out RaftMembership membership)
    {
        membership = Empty;
        if (source.Length < HeaderBytes || source[0] != Version)
        {
            return false;
        }

        ulong[][] sets = new ulong[4][];
        int offset = HeaderBytes;
        for (int i = 0; i < sets.Length; i++)
        {
            int count = BinaryPrimitives.ReadUInt16LittleEndian(source[(1 + (i * sizeof(ushort)))..]);
            if (count > (source.Length - offset) / sizeof(ulong))
            {
                return false;
            }

            sets[i] = new ulong[count];
            for (int j = 0; j < count; j++, offset += sizeof(ulong))
            {
                sets[i][j] = BinaryPrimitives.ReadUInt64LittleEndian(source[offset..]);
            }
        }

        membership = new RaftMembership(sets[0], sets[1], sets[2], sets[3]);
        return offset == source.Length;
    }

    /// <summary>The bytes of a membership entry.</summary>
    public byte[] ToBytes()
    {
        ulong[][] sets = [_voters, _outgoing, _learners, _nextLearners];
        byte[] bytes = new byte[ByteCount];
        bytes[0] = Version;
        int offset = HeaderBytes;
        for (int i = 0; i < sets.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(1 + (i * sizeof(ushort))), checked((ushort)sets[i].Length));
            foreach (ulong id in sets[i])
            {
                BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(offset), id);
                offset += sizeof(ulong);
            }
        }

        return bytes;
    }

    /// <inheritdoc/>
    public bool Equals(RaftMembership? other) => other is not null && VoterSpan.SequenceEqual(other._voters)
        && OutgoingSpan.SequenceEqual(other._outgoing) && LearnerSpan.SequenceEqual(other._learners)
        && _nextLearners.AsSpan().SequenceEqual(other._nextLearners);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as RaftMembership);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_voters.Length, _outgoing.Length, _voters.FirstOrDefault(), _learners.Length);

    /// <summary>Such as "voters 1 2 3, outgoing 1 2, learners 4".</summary>
    public override string ToString() => "voters " + string.Join(' ', _voters)
        + (IsJoint ? ", outgoing " + string.Join(' ', _outgoing) : "")
        + (_learners.Length > 0 ? ", learners " + string.Join(' ', _learners) : "")
        + (_nextLearners.Length > 0 ? ", next learners " + string.Join(' ', _nextLearners) : "");

    /// <summary>
    /// The membership after changes: joint when voters change, else final at once. Null when the changes make no sense; then
    /// <paramref name="problem"/> says why.
    /// </summary>
    internal RaftMembership? Change(ReadOnlySpan<MembershipChange> changes, out string? problem)
    {
        HashSet<ulong> voters = [.. _voters];
        HashSet<ulong> learners = [.. _learners];
        HashSet<ulong> nextLearners = [];
        HashSet<ulong> seen = [];
        problem = changes.Length == 0 ? "There is no change in the request; name at least one member." : null;
        foreach (MembershipChange change in changes)
        {
            ulong id = change.NodeId;
            bool known = voters.Contains(id) || learners.Contains(id);
            if (id == 0 || !seen.Add(id))
            {
                problem = id == 0 ? "0 is no node id." : $"Node {id:x} is named twice; name each member once.";
            }
            else if (change.Type == MembershipChangeType.Remove ? !known
                : change.Type == MembershipChangeType.AddVoter ? voters.Contains(id) : learners.Contains(id))
            {
                problem = known ? $"Node {id:x} is that already." : $"Node {id:x} is no member.";
            }
            else if (change.Type == MembershipChangeType.AddVoter)
            {
                learners.Remove(id);
                voters.Add(id);
            }
            else if (change.Type == MembershipChangeType.AddLearner)
            {
                (voters.Remove(id) ? nextLearners : learners).Add(id);
            }
            else
            {
                voters.Remove(id);
                learners.Remove(id);
            }
        }

        problem ??= voters.Count == 0 ? "No voter would be left; add another one first." : null;
        if (problem is not null)
        {
            return null;
        }

        bool joint = !voters.SetEquals(_voters);
        return new RaftMembership([.. voters], joint ? _voters : [], [.. learners], [.. nextLearners]);
    }

    /// <summary>The second half of a joint change (Raft paper §6, C-new).</summary>
    internal RaftMembership Leave() => new(_voters, [], [.. _learners, .. _nextLearners], []);

    private static ulong[] Sorted(ulong[] ids)
    {
        ulong[] sorted = [.. ids];
        Array.Sort(sorted);
        return sorted;
    }
}
