using System.Text.Json;

namespace SwarmNet.Cli.Templates;

/// <summary>
/// A value out of an engine's JSON, with the name it had there: Go prints structs, maps and absent values differently, and JSON has lost
/// which was which, so the name decides.
/// </summary>
/// <param name="Name">The property's name; empty for the root or an element of an array.</param>
/// <param name="Element">The value; undefined when the property is absent.</param>
/// <param name="IsRoot">True for the object that the template was given.</param>
internal sealed record JsonField(string Name, JsonElement Element, bool IsRoot = false)
{
    /// <summary>Go's type name of the root and its fields; null: any field may be asked for.</summary>
    public GoType? Type { get; init; }

    /// <summary>True inside an object whose Go type is known: times there are times, not text.</summary>
    public bool IsTyped { get; init; }

    /// <summary>The value as .NET has it: scalars unwrapped, null for JSON null, this for the rest.</summary>
    public static object? Unwrap(string name, JsonElement element, bool typed = false) => element.ValueKind switch
    {
        JsonValueKind.String when typed && name is "CreatedAt" or "UpdatedAt" or "StartedAt" or "CompletedAt" or "Timestamp" or "LastExecution" =>
            new GoTime(element.GetString()!),
        JsonValueKind.String => element.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => element.TryGetInt64(out var integer) ? integer : element.GetDouble(),
        _ => new JsonField(name, element) { IsTyped = typed },
    };

    public bool IsMissing => Element.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    /// <summary>True for what Go keeps as a map.</summary>
    public bool IsMap => Name is "Labels" or "Options" or "Containers" or "Sysctls" or "DriverOpts" or "Networks" or "Runtimes" or "Config"
        or "ExposedPorts" or "Volumes" or "Services" or "Attributes" or "LogOpts" or "DriverOpt" or "NodeLabels";
}

/// <summary>A time.Time: RFC 3339 in JSON, <c>2026-11-21 04:10:02.7 +0000 UTC</c> when printed.</summary>
internal sealed record GoTime(string Rfc3339);

/// <summary>The Go type behind a root object: what a template may ask of it.</summary>
/// <param name="Name">Such as <c>swarm.Service</c>.</param>
/// <param name="Fields">Its fields; others are errors even when nothing is there.</param>
internal sealed record GoType(string Name, params string[] Fields);
