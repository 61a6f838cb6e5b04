using System.Globalization;
using System.Text.Json.Nodes;

namespace SwarmNet.Cli.Specs;

/// <summary>What <c>--secret</c> or <c>--config</c> gives a task: the object's name and the file it becomes.</summary>
/// <param name="Source">Name of the secret or config.</param>
/// <param name="Target">File name in the task.</param>
/// <param name="Uid">Owner.</param>
/// <param name="Gid">Group.</param>
/// <param name="Mode">Permission bits.</param>
internal sealed record FileReference(string Source, string Target, string Uid, string Gid, uint Mode)
{
    /// <summary>Reads <c>name</c> or <c>source=name,target=file,uid=0,gid=0,mode=0444</c>.</summary>
    /// <param name="text">The flag's value.</param>
    /// <param name="kind"><c>secret</c> or <c>config</c>, for error texts.</param>
    public static FileReference Parse(string text, string kind = "secret")
    {
        var fields = Csv.Fields(text);
        if (fields.Count == 1 && !fields[0].Contains('=', StringComparison.Ordinal))
        {
            return new FileReference(fields[0], fields[0], "0", "0", 0x124);
        }

        string source = "", target = "", uid = "0", gid = "0";
        uint mode = 0x124;
        foreach (var field in fields)
        {
            var key = KeyValue.Cut(field, out var value);
            if (value is null || key.Length == 0)
            {
                throw new FormatException($"invalid field '{field}' must be a key=value pair");
            }

            switch (key.ToLowerInvariant())
            {
                case "source" or "src":
                    source = value;
                    break;
                case "target":
                    target = value;
                    break;
                case "uid":
                    uid = value;
                    break;
                case "gid":
                    gid = value;
                    break;
                case "mode":
                    mode = ParseMode(value);
                    break;
                default:
                    throw new FormatException($"invalid field in {kind} request: {key}");
            }
        }

        return source.Length == 0 ? throw new FormatException("source is required") : new FileReference(source, target.Length > 0 ? target : source, uid, gid, mode);
    }

    /// <summary>The reference in a spec; <paramref name="prefix"/> is <c>Secret</c> or <c>Config</c>.</summary>
    public JsonObject ToSpec(string prefix, string id) => new()
    {
        ["File"] = new JsonObject { ["Name"] = Target, ["UID"] = Uid, ["GID"] = Gid, [nameof(Mode)] = Mode },
        [$"{prefix}ID"] = id,
        [$"{prefix}Name"] = Source,
    };

    private static uint ParseMode(string text)
    {
        try
        {
            // Base by prefix, as Go's ParseUint with base 0: a leading zero is octal.
            return text switch
            {
                ['0', 'x' or 'X', ..] => Convert.ToUInt32(text[2..], 16),
                ['0', 'o' or 'O', ..] => Convert.ToUInt32(text[2..], 8),
                ['0', 'b' or 'B', ..] => Convert.ToUInt32(text[2..], 2),
                ['0', _, ..] => Convert.ToUInt32(text, 8),
                _ => uint.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture),
            };
        }
        catch (Exception error) when (error is FormatException or OverflowException or ArgumentException)
        {
            throw new FormatException($"invalid mode specified: strconv.ParseUint: parsing {Formatting.GoText.Quote(text)}: invalid syntax");
        }
    }
}
