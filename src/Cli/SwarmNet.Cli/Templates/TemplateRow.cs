namespace SwarmNet.Cli.Templates;

/// <summary>One object of a list as a template sees it: fields in alphabetical order, as <c>{{json .}}</c> prints them.</summary>
internal sealed class TemplateRow
{
    private readonly Dictionary<string, object?> _fields = new(StringComparer.Ordinal);

    public TemplateRow(string goType) => GoType = goType;

    /// <summary>Shown when a field is asked for that there is not.</summary>
    public string GoType { get; }

    /// <summary>Values for <c>{{.Label "key"}}</c>; null when the kind has none.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; set; }

    /// <summary>Names that <c>{{json .}}</c> leaves out.</summary>
    public HashSet<string> NotInJson { get; } = [];

    /// <summary>Names in alphabetical order.</summary>
    public IEnumerable<string> Names => _fields.Keys.Order(StringComparer.Ordinal);

    public object? this[string name]
    {
        get => _fields[name];
        set => _fields[name] = value;
    }

    public bool TryGet(string name, out object? value) => _fields.TryGetValue(name, out value);
}
