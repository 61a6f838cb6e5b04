using System.Text;
using SwarmNet.Cli.CommandLine;
using SwarmNet.Cli.Formatting;
using SwarmNet.Cli.Specs;

namespace SwarmNet.Cli.Commands;

/// <summary>Filters of list requests: <c>{"name":{"web":true}}</c>, keys and values sorted, as Go marshals them.</summary>
internal sealed class Filters
{
    private readonly Dictionary<string, List<string>> _values = new(StringComparer.Ordinal);

    public int Count => _values.Count;

    public static Filters FromFlag(FlagSet flags)
    {
        var filters = new Filters();
        foreach (var pair in flags.List("filter"))
        {
            if (pair.Length > 0)
            {
                filters.Add(KeyValue.Cut(pair, out var value).Trim().ToLowerInvariant(), (value ?? "").Trim());
            }
        }

        return filters;
    }

    public Filters Add(string key, string value)
    {
        if (!_values.TryGetValue(key, out var set))
        {
            _values[key] = set = [];
        }

        if (!set.Contains(value))
        {
            set.Add(value);
        }

        return this;
    }

    public IReadOnlyCollection<string> Get(string key) => _values.TryGetValue(key, out var set) ? set : [];

    public void Remove(string key) => _values.Remove(key);

    /// <summary>The path with these filters (and what else the query needs), parameters in alphabetical order.</summary>
    public string AppendTo(string path, params ReadOnlySpan<(string Name, string Value)> more)
    {
        var query = new Query();
        if (_values.Count > 0)
        {
            query["filters"] = ToJson();
        }

        foreach (var (name, value) in more)
        {
            query[name] = value;
        }

        return query.Count == 0 ? path : $"{path}?{query}";
    }

    private string ToJson()
    {
        var json = new StringBuilder("{");
        foreach (var key in _values.Keys.Order(StringComparer.Ordinal))
        {
            json.Append(json.Length > 1 ? "," : "");
            JsonText.WriteString(json, key, escapeHtml: true);
            json.Append(":{");
            var first = true;
            foreach (var value in _values[key].Order(StringComparer.Ordinal))
            {
                json.Append(first ? "" : ",");
                first = false;
                JsonText.WriteString(json, value, escapeHtml: true);
                json.Append(":true");
            }

            json.Append('}');
        }

        return json.Append('}').ToString();
    }
}
