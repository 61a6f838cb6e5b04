namespace SwarmNet.Cli.Commands;

/// <summary>Linux capabilities as <c>--cap-add</c> and <c>--cap-drop</c> name them.</summary>
internal static class Capabilities
{
    /// <summary><c>net_admin</c> is <c>CAP_NET_ADMIN</c>; <c>ALL</c> and <c>RESET</c> stay.</summary>
    public static string Normalize(string name)
    {
        name = name.Trim().ToUpperInvariant();
        return name is "ALL" or "RESET" || name.StartsWith("CAP_", StringComparison.Ordinal) ? name : "CAP_" + name;
    }

    /// <summary>What both lists amount to: sorted, ALL swallowing the rest of its list, and adding winning over dropping.</summary>
    public static (List<string> Add, List<string> Drop) Effective(IEnumerable<string> add, IEnumerable<string> drop)
    {
        var adds = add.Select(Normalize).ToHashSet(StringComparer.Ordinal);
        var drops = drop.Select(Normalize).ToHashSet(StringComparer.Ordinal);
        if (drops.Contains("ALL"))
        {
            drops = ["ALL"];
        }

        if (adds.Contains("ALL"))
        {
            adds = ["ALL"];
        }

        adds.Remove("RESET");
        drops.Remove("RESET");
        drops.ExceptWith(adds);
        return ([.. adds.Order(StringComparer.Ordinal)], [.. drops.Order(StringComparer.Ordinal)]);
    }
}
