using System.Text.Json.Nodes;

namespace SwarmNet.Cli.Specs;

/// <summary>The value of <c>--network</c>: a name, or <c>name=net,alias=web,driver-opt=k=v</c>.</summary>
internal static class NetworkParser
{
    /// <summary>An attachment whose Target is the name as typed, to be resolved to an ID.</summary>
    public static JsonObject Parse(string text)
    {
        var fields = Csv.Fields(text);
        if (fields.Count == 1 && !fields[0].Contains('=', StringComparison.Ordinal))
        {
            return new JsonObject { ["Target"] = fields[0] };
        }

        var target = "";
        var aliases = new JsonArray();
        var options = new JsonObject();
        foreach (var field in fields)
        {
            var key = KeyValue.Cut(field, out var value).Trim().ToLowerInvariant();
            if (value is null || key.Length == 0)
            {
                throw new FormatException($"invalid field '{field}' must be a key=value pair");
            }

            value = value.Trim();
            switch (key)
            {
                case "name":
                    target = value;
                    break;
                case "alias":
                    aliases.Add(value);
                    break;
                case "driver-opt":
                    var option = KeyValue.Cut(value, out var setting);
                    options[option.ToLowerInvariant()] = setting ?? throw new FormatException("invalid key value pair format in driver options");
                    break;
                default:
                    throw new FormatException($"invalid field key {key}");
            }
        }

        if (target.Length == 0)
        {
            throw new FormatException("network name/id is not specified");
        }

        var result = new JsonObject { ["Target"] = target };
        if (aliases.Count > 0)
        {
            result["Aliases"] = aliases;
        }

        if (options.Count > 0)
        {
            result["DriverOpts"] = options;
        }

        return result;
    }
}
