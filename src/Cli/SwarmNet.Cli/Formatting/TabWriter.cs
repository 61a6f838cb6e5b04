using System.Text;

namespace SwarmNet.Cli.Formatting;

/// <summary>Go's text/tabwriter as Docker sets it up: cells end at tabs, columns at least 10 wide, 3 blanks between, no blanks after the last cell.</summary>
internal static class TabWriter
{
    private const int Padding = 3;

    public static string Align(string text, int minWidth = 10)
    {
        var lines = text.Split('\n').Select(line => line.Split('\t')).ToArray();
        var result = new StringBuilder(text.Length * 2);
        var widths = new int[lines.Length][];
        for (var i = 0; i < lines.Length; i++)
        {
            widths[i] = new int[lines[i].Length];
        }

        // A column is a run of neighbouring lines that have a terminated cell there.
        for (var i = 0; i < lines.Length; i++)
        {
            for (var column = 0; column < lines[i].Length - 1; column++)
            {
                if (widths[i][column] != 0)
                {
                    continue;
                }

                var end = i;
                var width = minWidth;
                while (end < lines.Length && lines[end].Length - 1 > column)
                {
                    width = Math.Max(width, Runes(lines[end][column]) + Padding);
                    end++;
                }

                for (var row = i; row < end; row++)
                {
                    widths[row][column] = width;
                }
            }
        }

        for (var i = 0; i < lines.Length; i++)
        {
            for (var column = 0; column < lines[i].Length; column++)
            {
                var cell = lines[i][column];
                result.Append(cell);
                if (column < lines[i].Length - 1)
                {
                    result.Append(' ', widths[i][column] - Runes(cell));
                }
            }

            if (i < lines.Length - 1)
            {
                result.Append('\n');
            }
        }

        return result.ToString();
    }

    private static int Runes(string text)
    {
        var count = 0;
        foreach (var _ in text.EnumerateRunes())
        {
            count++;
        }

        return count;
    }
}
