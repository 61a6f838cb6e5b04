using System.Text;
using SwarmNet.Cli.CommandLine;
using SwarmNet.Cli.Templates;

namespace SwarmNet.Cli.Formatting;

/// <summary>Writes a list in the format asked for: Docker's table, a table of a template, JSON lines, or a template per object.</summary>
internal static class ListFormat
{
    public const string TablePrefix = "table";

    public static bool IsTable(string format) => format.Length == 0 || format.StartsWith(TablePrefix, StringComparison.Ordinal);

    /// <param name="invocation">The command; its <c>--format</c> is used when it has one.</param>
    /// <param name="format">The format asked for; empty for the default.</param>
    /// <param name="defaultTable">Template of the default table, without the prefix.</param>
    /// <param name="headers">Column titles by field.</param>
    /// <param name="rows">The objects.</param>
    public static void Write(Invocation invocation, string format, string defaultTable, IReadOnlyDictionary<string, string> headers, IEnumerable<TemplateRow> rows)
    {
        var isTable = IsTable(format);
        var source = format switch
        {
            "" or TablePrefix => defaultTable,
            "json" => "{{json .}}",
            _ when isTable => format[TablePrefix.Length..].Trim(' '),
            _ => format,
        };
        source = source.Replace("\\t", "\t", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal);
        Template template;
        try
        {
            template = Template.Parse(source);
        }
        catch (TemplateException error)
        {
            throw new CliException($"template parsing error: {error.Message}");
        }

        var text = new StringBuilder();
        try
        {
            if (isTable)
            {
                template.Execute(Header(headers), text);
                text.Append('\n');
            }

            foreach (var row in rows)
            {
                template.Execute(row, text);
                text.Append('\n');
            }
        }
        catch (TemplateException error)
        {
            throw new CliException(error.Message);
        }

        invocation.Out.Write(isTable ? TabWriter.Align(text.ToString()) : text.ToString());
    }

    private static TemplateRow Header(IReadOnlyDictionary<string, string> headers)
    {
        var row = new TemplateRow("formatter.SubHeaderContext") { Labels = new Dictionary<string, string>() };
        foreach (var (name, title) in headers)
        {
            row[name] = title;
        }

        return row;
    }
}
