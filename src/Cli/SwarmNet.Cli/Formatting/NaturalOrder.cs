namespace SwarmNet.Cli.Formatting;

/// <summary>Compares names so that <c>web.2</c> comes before <c>web.10</c> (fvbommel/sortorder NaturalLess).</summary>
internal sealed class NaturalOrder : IComparer<string>
{
    public static NaturalOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var (a, b) = (x ?? "", y ?? "");
        int i = 0, j = 0;
        while (i < a.Length && j < b.Length)
        {
            if (!char.IsAsciiDigit(a[i]) || !char.IsAsciiDigit(b[j]))
            {
                if (a[i] != b[j])
                {
                    return a[i].CompareTo(b[j]);
                }

                i++;
                j++;
                continue;
            }

            var left = Digits(a, ref i);
            var right = Digits(b, ref j);
            var trimmedLeft = left.TrimStart('0');
            var trimmedRight = right.TrimStart('0');
            var order = trimmedLeft.Length != trimmedRight.Length
                ? trimmedLeft.Length.CompareTo(trimmedRight.Length)
                : trimmedLeft.CompareTo(trimmedRight, StringComparison.Ordinal);
            if (order == 0)
            {
                order = left.Length.CompareTo(right.Length);
            }

            if (order != 0)
            {
                return order;
            }
        }

        return (a.Length - i).CompareTo(b.Length - j);
    }

    private static ReadOnlySpan<char> Digits(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        return text.AsSpan(start, at - start);
    }
}
