using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SwarmNet.Cli.Specs;

/// <summary>
/// A value of the engine's JSON with short ways through it; absent values are values too. A class, not the struct it wraps: code for lists and
/// queries of structs of another assembly cannot be compiled ahead of time, and compiling it at run time doubled the time of a command.
/// </summary>
internal sealed class Json
{
    private static readonly Json s_absent = new(default);

    public Json(JsonElement element) => Element = element;

    public JsonElement Element { get; }

    public JsonValueKind ValueKind => Element.ValueKind;

    public bool Exists => Element.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    public static Json Absent => s_absent;

    public static Json Parse(byte[] utf8) => new(JsonElement.Parse(utf8));

    public static Json Parse(string text) => Parse(Encoding.UTF8.GetBytes(text));

    public Json At(string name) =>
        Element.ValueKind == JsonValueKind.Object && Element.TryGetProperty(name, out var found) ? new Json(found) : s_absent;

    public Json At(string a, string b) => At(a).At(b);

    public Json At(string a, string b, string c) => At(a).At(b).At(c);

    public Json At(string a, string b, string c, string d) => At(a).At(b).At(c).At(d);

    public string Text() => Element.ValueKind == JsonValueKind.String ? Element.GetString()! : "";

    public string Text(string name) => At(name).Text();

    public string Text(string a, string b) => At(a, b).Text();

    public string Text(string a, string b, string c) => At(a, b, c).Text();

    public string Text(string a, string b, string c, string d) => At(a, b, c, d).Text();

    /// <summary>An integer; 0 when absent.</summary>
    public long Number() => Element.ValueKind != JsonValueKind.Number ? 0 : Element.TryGetInt64(out var value) ? value : (long)Element.GetDouble();

    public long Number(string name) => At(name).Number();

    public long Number(string a, string b) => At(a, b).Number();

    public long Number(string a, string b, string c) => At(a, b, c).Number();

    public long Number(string a, string b, string c, string d) => At(a, b, c, d).Number();

    public bool IsTrue(string name) => At(name).ValueKind == JsonValueKind.True;

    public bool IsTrue(string a, string b) => At(a).IsTrue(b);

    public bool IsTrue(string a, string b, string c) => At(a, b).IsTrue(c);

    public DateTimeOffset Time(string name) =>
        DateTimeOffset.TryParse(Text(name), System.Globalization.CultureInfo.InvariantCulture, out var time) ? time : default;

    public DateTimeOffset Time(string a, string b) => At(a).Time(b);

    /// <summary>The elements of an array; none when it is absent.</summary>
    public List<Json> Items()
    {
        var result = new List<Json>();
        if (Element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in Element.EnumerateArray())
            {
                result.Add(new Json(item));
            }
        }

        return result;
    }

    public List<Json> Items(string name) => At(name).Items();

    public List<Json> Items(string a, string b) => At(a, b).Items();

    public List<Json> Items(string a, string b, string c) => At(a, b, c).Items();

    /// <summary>The members of an object; none when it is absent.</summary>
    public List<JsonMember> Properties()
    {
        var result = new List<JsonMember>();
        if (Element.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in Element.EnumerateObject())
            {
                result.Add(new JsonMember(member.Name, new Json(member.Value)));
            }
        }

        return result;
    }

    public List<JsonMember> Properties(string name) => At(name).Properties();

    public List<JsonMember> Properties(string a, string b) => At(a, b).Properties();

    /// <summary>The JSON text.</summary>
    public string Raw() => Exists ? Element.GetRawText() : "";

    /// <summary>An object that can be changed.</summary>
    public JsonObject ToNode() => JsonNode.Parse(Element.GetRawText())!.AsObject();
}

/// <summary>A name and a value of a JSON object.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">The value.</param>
internal sealed record JsonMember(string Name, Json Value);
