using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace SwarmNet.Netlink.NfTables;

/// <summary>A rule as the kernel lists it.</summary>
/// <param name="Table">Its table.</param>
/// <param name="Chain">Its chain.</param>
/// <param name="Handle">The kernel's number, unique in the table.</param>
public sealed record NfRuleEntry(NfTable Table, string Chain, ulong Handle)
{
    /// <summary>The expressions, in order.</summary>
    public IReadOnlyList<NfExpression> Expressions { get; init; } = [];

    /// <summary>nft(8)'s comment, null when there is none.</summary>
    public string? Comment { get; init; }

    /// <summary>Reads a rule; false for another message or bad bytes.</summary>
    public static bool TryRead(in NetlinkMessage message, [NotNullWhen(true)] out NfRuleEntry? entry)
    {
        entry = null;
        if (!NfRuleView.TryCreate(message, out NfRuleView view) || !NfExpressionReader.TryDecode(view.Expressions, out IReadOnlyList<NfExpression> expressions))
        {
            return false;
        }

        entry = new NfRuleEntry(new NfTable(view.Family, Encoding.UTF8.GetString(view.Table)), Encoding.UTF8.GetString(view.Chain), view.Handle)
        {
            Expressions = expressions,
            Comment = NfUserData.Comment(view.UserData, NfUserData.RuleComment),
        };
        return true;
    }

    /// <summary>Whether two rules do the same, whatever their handles and counters.</summary>
    public bool DoesTheSameAs(NfRuleEntry other) =>
        (Table, Chain, Comment) == (other.Table, other.Chain, other.Comment) && Expressions.SequenceEqual(other.Expressions);

    /// <inheritdoc/>
    public bool Equals(NfRuleEntry? other) => other is not null && Handle == other.Handle && DoesTheSameAs(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Table, Chain, Handle);
}
