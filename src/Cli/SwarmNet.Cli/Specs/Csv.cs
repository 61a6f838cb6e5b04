using System.Text;

namespace SwarmNet.Cli.Specs;

/// <summary>One record of comma-separated values, as Go's encoding/csv reads it: fields with commas or quotes stand in double quotes.</summary>
internal static class Csv
{
    public static List<string> Fields(string record)
    {
        var fields = new List<string>();
        var at = 0;
        while (true)
        {
            if (at < record.Length && record[at] == '"')
            {
                fields.Add(Quoted(record, ref at));
                if (at < record.Length && record[at] != ',')
                {
                    throw new FormatException("""parse error on line 1: extraneous or missing " in quoted-field""");
                }
            }
            else
            {
                var end = record.IndexOf(',', at);
                var field = end < 0 ? record[at..] : record[at..end];
                fields.Add(field.Contains('"', StringComparison.Ordinal)
                    ? throw new FormatException("""parse error on line 1: bare " in non-quoted-field""")
                    : field);
                at = end < 0 ? record.Length : end;
            }

            if (at >= record.Length)
            {
                return fields;
            }

            at++;
        }
    }

    private static string Quoted(string record, ref int at)
    {
        var result = new StringBuilder();
        for (at++; at < record.Length; at++)
        {
            if (record[at] != '"')
            {
                result.Append(record[at]);
            }
            else if (at + 1 < record.Length && record[at + 1] == '"')
            {
                result.Append('"');
                at++;
            }
            else
            {
                at++;
                return result.ToString();
            }
        }

        throw new FormatException("""parse error on line 1: extraneous or missing " in quoted-field""");
    }
}
