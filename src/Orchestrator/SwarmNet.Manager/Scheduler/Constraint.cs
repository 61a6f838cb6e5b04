using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text.RegularExpressions;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Scheduler;

/// <summary>One placement constraint, <c>key==value</c> or <c>key!=value</c> (SwarmKit <c>manager/constraint</c>).</summary>
internal sealed partial record Constraint(string Key, bool IsEqual, string Value)
{
    private const string NodeLabelPrefix = "node.labels.";
    private const string EngineLabelPrefix = "engine.labels.";

    /// <summary>Parses all expressions; false with Docker's text at the first bad one.</summary>
    public static bool TryParse(
        IEnumerable<string> expressions, [NotNullWhen(true)] out IReadOnlyList<Constraint>? constraints, [NotNullWhen(false)] out string? error)
    {
        List<Constraint> parsed = [];
        foreach (var expression in expressions)
        {
            if (Parse(expression, out var wrong) is not { } constraint)
            {
                constraints = null;
                error = wrong ?? string.Empty;
                return false;
            }

            parsed.Add(constraint);
        }

        constraints = parsed;
        error = null;
        return true;
    }

    /// <summary>Whether every constraint holds for the node.</summary>
    public static bool AllMatch(IReadOnlyList<Constraint> constraints, Node node)
    {
        foreach (var constraint in constraints)
        {
            if (!constraint.Matches(node))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether the node satisfies this constraint. A key that nobody knows never matches; a missing label is "".</summary>
    public bool Matches(Node node)
    {
        var key = Key.ToLowerInvariant();
        return key switch
        {
            "node.id" => Compare(node.Id),
            "node.hostname" => Compare(node.Description?.Hostname ?? string.Empty),
            "node.ip" => MatchesAddress(node.Status?.Addr ?? string.Empty),
            "node.role" => Compare(node.Role == NodeRole.Manager ? "manager" : "worker"),
            "node.platform.os" => Compare(node.Description?.Platform?.Os ?? string.Empty),
            "node.platform.arch" => Compare(node.Description?.Platform?.Architecture ?? string.Empty),
            _ when key.StartsWith(NodeLabelPrefix, StringComparison.Ordinal) =>
                Compare(node.Spec?.Annotations?.Labels.GetValueOrDefault(Key[NodeLabelPrefix.Length..]) ?? string.Empty),
            _ when key.StartsWith(EngineLabelPrefix, StringComparison.Ordinal) =>
                Compare(node.Description?.Engine?.Labels.GetValueOrDefault(Key[EngineLabelPrefix.Length..]) ?? string.Empty),
            _ => false,
        };
    }

    private static Constraint? Parse(string expression, out string? error)
    {
        var isEqual = true;
        var at = expression.IndexOf("==", StringComparison.Ordinal);
        if (at < 0)
        {
            isEqual = false;
            at = expression.IndexOf("!=", StringComparison.Ordinal);
        }

        if (at < 0)
        {
            error = "constraint expected one operator from ==, !=";
            return null;
        }

        var (key, value) = (expression[..at].Trim(), expression[(at + 2)..].Trim());
        error = !KeyPattern().IsMatch(key) ? $"key '{key}' is invalid"
            : !ValuePattern().IsMatch(value) ? $"value '{value}' is invalid"
            : null;
        return error is null ? new Constraint(key, isEqual, value) : null;
    }

    private bool Compare(string actual) => string.Equals(actual, Value, StringComparison.OrdinalIgnoreCase) == IsEqual;

    private bool MatchesAddress(string actual)
    {
        if (!IPAddress.TryParse(actual, out var address))
        {
            return false;
        }

        if (IPAddress.TryParse(Value, out var single))
        {
            return single.Equals(address) == IsEqual;
        }

        var slash = Value.IndexOf('/', StringComparison.Ordinal);
        return slash > 0
            && IPAddress.TryParse(Value[..slash], out var prefix)
            && int.TryParse(Value[(slash + 1)..], out var length)
            && length >= 0
            && length <= prefix.GetAddressBytes().Length * 8
            && InPrefix(prefix, length, address) == IsEqual;
    }

    private static bool InPrefix(IPAddress prefix, int length, IPAddress address)
    {
        var (a, b) = (prefix.GetAddressBytes(), address.GetAddressBytes());
        if (a.Length != b.Length)
        {
            return false;
        }

        for (var bit = 0; bit < length; bit++)
        {
            if (((a[bit / 8] ^ b[bit / 8]) & (0x80 >> (bit % 8))) != 0)
            {
                return false;
            }
        }

        return true;
    }

    [GeneratedRegex(@"\A[a-z_][a-z0-9\-_.]+\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex KeyPattern();

    [GeneratedRegex(@"\A[a-z0-9:\-_\s.*()?+\[\]\\^$|/]+\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ValuePattern();
}
