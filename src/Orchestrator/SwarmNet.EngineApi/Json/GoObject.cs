using System.Globalization;
using System.Text.Json;

namespace SwarmNet.EngineApi.Json;

/// <summary>
/// A JSON object read as Go reads it into a struct: keys match without regard to case, the last of equal keys wins, null and
/// absent are the same, unknown keys are ignored, and a value of the wrong type is refused in the words of <c>encoding/json</c>.
/// </summary>
internal readonly struct GoObject
{
    private readonly JsonElement element;
    private readonly string type;
    private readonly string path;

    private GoObject(JsonElement element, string type, string path)
    {
        this.element = element;
        this.type = type;
        this.path = path;
    }

    /// <summary>Parses a request body. Throws <see cref="GoJsonException"/>.</summary>
    /// <param name="body">The whole body, UTF-8.</param>
    /// <param name="type">Name of the Go struct, for messages.</param>
    public static GoObject Parse(ReadOnlyMemory<byte> body, string type)
    {
        if (body.Span.Trim(" \t\r\n"u8).IsEmpty)
        {
            throw new GoJsonException("got EOF while reading request body");
        }

        if (GoJsonSyntax.Check(body.Span, "unexpected EOF") is { } error)
        {
            throw new GoJsonException(error);
        }

        // The element outlives the document on purpose: a clone owns its memory.
        using var document = JsonDocument.Parse(body);
        var root = document.RootElement.Clone();
        return root.ValueKind switch
        {
            JsonValueKind.Object => new GoObject(root, type, ""),
            JsonValueKind.Null => new GoObject(default, type, ""),
            _ => throw new GoJsonException($"json: cannot unmarshal {Word(root)} into Go value of type {type}"),
        };
    }

    /// <summary>True when the key is there and not null.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>A string, empty when absent.</summary>
    public string String(string name)
    {
        if (Find(name) is not { } value)
        {
            return "";
        }

        return value.ValueKind == JsonValueKind.String ? Text(value) : throw Mismatch(value, name, "string");
    }

    /// <summary>A boolean, null when absent.</summary>
    public bool? OptionalBool(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } value => throw Mismatch(value, name, "bool"),
    };

    /// <summary>A boolean, false when absent.</summary>
    public bool Bool(string name) => OptionalBool(name) ?? false;

    /// <summary>A signed integer, null when absent.</summary>
    /// <param name="name">The key.</param>
    /// <param name="goType">The Go type, for messages.</param>
    public long? OptionalInt64(string name, string goType = "int64") => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt64(out var number) => number,
        { } value => throw Mismatch(value, name, goType),
    };

    /// <summary>A signed integer, 0 when absent.</summary>
    public long Int64(string name, string goType = "int64") => OptionalInt64(name, goType) ?? 0;

    /// <summary>An unsigned integer, null when absent.</summary>
    public ulong? OptionalUInt64(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetUInt64(out var number) => number,
        { } value => throw Mismatch(value, name, "uint64"),
    };

    /// <summary>An unsigned integer, 0 when absent.</summary>
    public ulong UInt64(string name) => OptionalUInt64(name) ?? 0;

    /// <summary>A 32-bit unsigned integer, 0 when absent.</summary>
    public uint UInt32(string name) => Find(name) switch
    {
        null => 0,
        { ValueKind: JsonValueKind.Number } value when value.TryGetUInt32(out var number) => number,
        { } value => throw Mismatch(value, name, "uint32"),
    };

    /// <summary>A single-precision number, 0 when absent.</summary>
    public float Single(string name) => Find(name) switch
    {
        null => 0,
        { ValueKind: JsonValueKind.Number } value when value.TryGetSingle(out var number) && float.IsFinite(number) => number,
        { } value => throw Mismatch(value, name, "float32"),
    };

    /// <summary>Base64 bytes (RFC 4648 section 4), empty when absent.</summary>
    public byte[] Bytes(string name)
    {
        var text = String(name).Replace("\n", "", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal);
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var written) && !text.AsSpan().ContainsAny(' ', '\t')
            ? bytes[..written]
            : throw new GoJsonException($"illegal base64 data at input byte {BadBase64Offset(text)}");
    }

    /// <summary>An object inside this one, null when absent.</summary>
    public GoObject? Object(string name, string goType) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => new GoObject(value, goType, Below(name)),
        { } value => throw Mismatch(value, name, $"swarm.{goType}"),
    };

    /// <summary>A list of objects; nulls in it are skipped; empty when absent.</summary>
    public List<GoObject> Objects(string name, string goType)
    {
        var list = new List<GoObject>();
        foreach (var value in Elements(name, $"[]swarm.{goType}"))
        {
            list.Add(value.ValueKind == JsonValueKind.Object
                ? new GoObject(value, goType, Below(name))
                : throw Mismatch(value, name, $"swarm.{goType}"));
        }

        return list;
    }

    /// <summary>A list of strings, empty when absent.</summary>
    public List<string> Strings(string name)
    {
        var list = new List<string>();
        foreach (var value in Elements(name, "[]string"))
        {
            list.Add(value.ValueKind == JsonValueKind.String ? Text(value) : throw Mismatch(value, name, "string"));
        }

        return list;
    }

    /// <summary>A list of lists of strings, empty when absent.</summary>
    public List<List<string>> StringLists(string name)
    {
        var lists = new List<List<string>>();
        foreach (var inner in Elements(name, "[][]string"))
        {
            if (inner.ValueKind != JsonValueKind.Array)
            {
                throw Mismatch(inner, name, "[]string");
            }

            var list = new List<string>();
            foreach (var value in inner.EnumerateArray())
            {
                list.Add(value.ValueKind == JsonValueKind.String ? Text(value) : throw Mismatch(value, name, "string"));
            }

            lists.Add(list);
        }

        return lists;
    }

    /// <summary>A map of strings, empty when absent.</summary>
    public Dictionary<string, string> Map(string name)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        switch (Find(name))
        {
            case null:
                break;
            case { ValueKind: JsonValueKind.Object } value:
                foreach (var entry in value.EnumerateObject())
                {
                    map[Key(entry)] = entry.Value.ValueKind switch
                    {
                        JsonValueKind.String => Text(entry.Value),
                        JsonValueKind.Null => "",
                        _ => throw Mismatch(entry.Value, name, "string"),
                    };
                }

                break;
            case { } value:
                throw Mismatch(value, name, "map[string]string");
        }

        return map;
    }

    private List<JsonElement> Elements(string name, string goType)
    {
        switch (Find(name))
        {
            case null:
                return [];
            case { ValueKind: JsonValueKind.Array } value:
                var list = new List<JsonElement>();
                foreach (var item in value.EnumerateArray())
                {
                    if (item.ValueKind != JsonValueKind.Null)
                    {
                        list.Add(item);
                    }
                }

                return list;
            case { } value:
                throw Mismatch(value, name, goType);
        }
    }

    private JsonElement? Find(string name)
    {
        JsonElement? found = null;
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in element.EnumerateObject())
            {
                if (string.Equals(Key(property), name, StringComparison.OrdinalIgnoreCase))
                {
                    found = property.Value;
                }
            }
        }

        return found is { ValueKind: JsonValueKind.Null } ? null : found;
    }

    private string Below(string name) => path.Length == 0 ? name : $"{path}.{name}";

    private GoJsonException Mismatch(JsonElement value, string name, string goType)
    {
        // Go names the number when the kind was right and the value was not.
        var what = value.ValueKind == JsonValueKind.Number && goType is not ("string" or "bool") && !goType.Contains('.', StringComparison.Ordinal)
            && !goType.StartsWith('[') && !goType.StartsWith("map", StringComparison.Ordinal)
            ? $"number {value.GetRawText()}"
            : Word(value);
        return new GoJsonException($"json: cannot unmarshal {what} into Go struct field {type}.{Below(name)} of type {goType}");
    }

    private static string Word(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "bool",
        JsonValueKind.Array => "array",
        _ => "object",
    };

    // Escapes and bytes that are no text (lone surrogates, broken UTF-8) only surface when the string is taken out.
    private static string Text(JsonElement value)
    {
        try
        {
            return value.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            throw new GoJsonException("invalid UTF-8 in string");
        }
    }

    private static string Key(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            throw new GoJsonException("invalid UTF-8 in string");
        }
    }

    private static string BadBase64Offset(string text)
    {
        var offset = text.AsSpan().IndexOfAnyExcept(System.Buffers.SearchValues.Create(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"));
        return (offset < 0 ? text.Length : offset).ToString(CultureInfo.InvariantCulture);
    }
}
