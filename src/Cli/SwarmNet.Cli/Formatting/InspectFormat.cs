using System.Text;
using System.Text.Json;
using SwarmNet.Cli.CommandLine;
using SwarmNet.Cli.Templates;
using SwarmNet.EngineApi.Client;

namespace SwarmNet.Cli.Formatting;

/// <summary>The <c>inspect</c> commands: the engine's JSON indented, in one line, or through a template, one object per name; errors at the end.</summary>
internal static class InspectFormat
{
    /// <param name="invocation">The command, with its <c>--format</c>.</param>
    /// <param name="references">Names or IDs.</param>
    /// <param name="type">Go's type of the objects; null when any field may be asked for.</param>
    /// <param name="fetch">The engine's JSON of one of them.</param>
    public static int Write(Invocation invocation, IEnumerable<string> references, GoType? type, Func<string, byte[]> fetch)
    {
        var format = invocation.Flags.Text("format");
        var template = format is "" or "json" ? null : ParseTemplate(format);
        var raw = new List<string>();
        var text = new StringBuilder();
        var errors = new List<string>();
        foreach (var reference in references)
        {
            try
            {
                var bytes = fetch(reference);
                if (template is null)
                {
                    raw.Add(Encoding.UTF8.GetString(bytes).Trim());
                }
                else
                {
                    template.Execute(new JsonField("", JsonDocument.Parse(bytes).RootElement, IsRoot: true) { Type = type }, text);
                    text.Append('\n');
                }
            }
            catch (EngineException error)
            {
                errors.Add(CommandRunner.Describe(error));
            }
            catch (CliException error)
            {
                errors.Add(error.Message);
            }
            catch (TemplateException error)
            {
                errors.Add($"template parsing error: {error.Message}");
            }
        }

        var json = $"[{string.Join(',', raw)}]";
        invocation.Out.Write(template is not null ? (text.Length == 0 ? "\n" : text.ToString()) : (format == "json" ? json : JsonText.Indent(json)) + "\n");
        if (errors.Count > 0)
        {
            invocation.Context.Flush();
            throw new CliException(string.Join('\n', errors));
        }

        return 0;
    }

    /// <summary>One object through <c>--format</c>, as <c>info</c> and <c>version</c> do.</summary>
    public static void WriteOne(Invocation invocation, string format, JsonElement value)
    {
        var template = ParseTemplate(format == "json" ? "{{json .}}" : format);
        var text = new StringBuilder();
        try
        {
            template.Execute(new JsonField("", value, IsRoot: true), text);
        }
        catch (TemplateException error)
        {
            invocation.Out.Write(text.ToString());
            throw new CliException($"template parsing error: {error.Message}");
        }

        invocation.Out.Write(text.Append('\n').ToString());
    }

    public static Template ParseTemplate(string format)
    {
        try
        {
            return Template.Parse(format);
        }
        catch (TemplateException error)
        {
            throw new CliException($"template parsing error: {error.Message}");
        }
    }
}
