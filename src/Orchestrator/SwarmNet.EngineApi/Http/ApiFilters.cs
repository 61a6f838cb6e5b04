using System.Text;
using System.Text.Json;
using SwarmNet.EngineApi.Json;

namespace SwarmNet.EngineApi.Http;

/// <summary>
/// The <c>filters</c> parameter: JSON, <c>{"key":["value"]}</c> or <c>{"key":{"value":true}}</c>. Values of one key are
/// alternatives, keys must all hold.
/// </summary>
internal sealed class ApiFilters
{
    private readonly SortedDictionary<string, List<string>> entries = new(StringComparer.Ordinal);

    /// <summary>Parses the parameter. Throws <see cref="ApiException"/> with Go's sentence.</summary>
    public static ApiFilters Parse(string text)
    {
        var filters = new ApiFilters();
        if (text.Length == 0)
        {
            return filters;
        }

        var bytes = Encoding.UTF8.GetBytes(text);
        if (GoJsonSyntax.Check(bytes) is { } error)
        {
            throw new ApiException(500, error);
        }

        try
        {
            using var document = JsonDocument.Parse(bytes);
            filters.Read(document.RootElement);
        }
        catch (InvalidOperationException)
        {
            throw new ApiException(400, "invalid filter");
        }

        return filters;
    }

    /// <summary>Refuses keys that the list does not know.</summary>
    public ApiFilters Allow(params ReadOnlySpan<string> keys)
    {
        foreach (var key in entries.Keys)
        {
            if (!keys.Contains(key))
            {
                throw new ApiException(400, $"Invalid filter '{key}'");
            }
        }

        return this;
    }

    /// <summary>True when the key is given.</summary>
    public bool Has(string key) => entries.ContainsKey(key);

    /// <summary>The values of a key, empty when it is not given.</summary>
    public IReadOnlyList<string> Values(string key) => entries.TryGetValue(key, out var values) ? values : [];

    /// <summary>True when the key is not given or one of its values satisfies <paramref name="matches"/>.</summary>
    public bool Match(string key, Func<string, bool> matches) => !entries.TryGetValue(key, out var values) || values.Exists(value => matches(value));

    /// <summary>True when the key is not given or has exactly this value.</summary>
    public bool Is(string key, string value) => Match(key, wanted => wanted == value);

    /// <summary>True when the key is not given or one of its values begins the text.</summary>
    public bool IsPrefix(string key, string text) => Match(key, prefix => text.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>True when the key is not given or <em>every</em> value, <c>name</c> or <c>name=value</c>, is among the labels.</summary>
    public bool Labels(string key, IReadOnlyDictionary<string, string> labels)
    {
        foreach (var wanted in Values(key))
        {
            var (name, value) = wanted.IndexOf('=', StringComparison.Ordinal) is >= 0 and var at ? (wanted[..at], wanted[(at + 1)..]) : (wanted, "");
            if (!labels.TryGetValue(name, out var has) || (value.Length > 0 && has != value))
            {
                return false;
            }
        }

        return true;
    }

    private void Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new ApiException(400, "invalid filter");
        }

        foreach (var property in root.EnumerateObject())
        {
            var values = entries[property.Name] = [];
            switch (property.Value.ValueKind)
            {
                case JsonValueKind.Array:
                    foreach (var value in property.Value.EnumerateArray())
                    {
                        values.Add(value.GetString() ?? "");
                    }

                    break;
                case JsonValueKind.Object:
                    foreach (var value in property.Value.EnumerateObject())
                    {
                        values.Add(value.Name);
                    }

                    break;
                default:
                    throw new ApiException(400, "invalid filter");
            }
        }
    }
}
