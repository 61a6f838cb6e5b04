using System.Text;
using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

/// <summary>
/// An element as the kernel lists it. Compared by content: what it has counted, and what is left of its time, does not make a difference.
/// </summary>
/// <param name="Key">The key's bytes; parts of a concatenation padded to 4 bytes each.</param>
/// <param name="Data">What the map holds; empty for sets, verdict maps and object maps.</param>
/// <param name="Verdict">The verdict, of a verdict map.</param>
/// <param name="Chain">Where the verdict jumps to.</param>
public readonly record struct NfElement(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Data, NfVerdict? Verdict, string? Chain)
{
    /// <summary>The last key of a range over a concatenation; empty for a single key.</summary>
    public ReadOnlyMemory<byte> KeyEnd { get; init; }

    /// <summary>Ends the range before it, itself outside.</summary>
    public bool IsIntervalEnd { get; init; }

    /// <summary>Stands for every key that is not there.</summary>
    public bool IsCatchAll { get; init; }

    /// <summary>Name of the object, of an object map.</summary>
    public string? Object { get; init; }

    /// <summary>Life in milliseconds; 0 = the set's default.</summary>
    public ulong TimeoutMs { get; init; }

    /// <summary>What is left of it in milliseconds; 0 = it has no end.</summary>
    public ulong ExpirationMs { get; init; }

    /// <summary>nft(8)'s comment.</summary>
    public string? Comment { get; init; }

    /// <summary>Its counter, limit and so on; null or empty when it has none.</summary>
    public IReadOnlyList<NfExpression>? Expressions { get; init; }

    /// <inheritdoc/>
    public bool Equals(NfElement other) =>
        Key.Span.SequenceEqual(other.Key.Span) && KeyEnd.Span.SequenceEqual(other.KeyEnd.Span) && Data.Span.SequenceEqual(other.Data.Span)
        && (Verdict, Chain, Object, IsIntervalEnd, IsCatchAll, TimeoutMs, Comment)
            == (other.Verdict, other.Chain, other.Object, other.IsIntervalEnd, other.IsCatchAll, other.TimeoutMs, other.Comment);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Key.Span);
        hash.Add(IsIntervalEnd);
        return hash.ToHashCode();
    }

    internal static NfElement From(in NfElementView view) =>
        new(view.Key.ToArray(), view.Data.ToArray(), view.Verdict, view.Chain.IsEmpty ? null : Encoding.UTF8.GetString(view.Chain))
        {
            KeyEnd = view.KeyEnd.ToArray(),
            IsIntervalEnd = view.IsIntervalEnd,
            IsCatchAll = view.IsCatchAll,
            Object = view.Object.IsEmpty ? null : Encoding.UTF8.GetString(view.Object),
            TimeoutMs = view.TimeoutMs,
            ExpirationMs = view.ExpirationMs,
            Comment = view.Attributes.TryFind(NFTA_SET_ELEM_USERDATA, out NetlinkAttribute userData)
                ? NfUserData.Comment(userData.Value, NfUserData.ElementComment)
                : null,
            Expressions = NfExpression.DecodeAttached(view.Attributes, NFTA_SET_ELEM_EXPR, NFTA_SET_ELEM_EXPRESSIONS),
        };
}
