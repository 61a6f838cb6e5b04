using System.Globalization;
using System.Text.Json;

namespace SwarmNet.EngineApi.Json;

/// <summary>Go's <c>omitempty</c> and sorted maps over <see cref="Utf8JsonWriter"/>.</summary>
internal static class GoJsonWriter
{
    /// <summary>Options of every answer.</summary>
    public static JsonWriterOptions Options => new() { Encoder = GoJsonEncoder.Instance, SkipValidation = false };

    /// <summary>Writes the string unless it is empty.</summary>
    public static void StringIfAny(this Utf8JsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            json.WriteString(name, value);
        }
    }

    /// <summary>Writes the number unless it is 0.</summary>
    public static void NumberIfAny(this Utf8JsonWriter json, string name, long value)
    {
        if (value != 0)
        {
            json.WriteNumber(name, value);
        }
    }

    /// <summary>Writes the number unless it is 0.</summary>
    public static void NumberIfAny(this Utf8JsonWriter json, string name, ulong value)
    {
        if (value != 0)
        {
            json.WriteNumber(name, value);
        }
    }

    /// <summary>Writes <c>true</c> or nothing.</summary>
    public static void TrueIfSet(this Utf8JsonWriter json, string name, bool value)
    {
        if (value)
        {
            json.WriteBoolean(name, true);
        }
    }

    /// <summary>Writes a float32 as Go does: shortest form, no exponent in the range of ratios.</summary>
    public static void Float(this Utf8JsonWriter json, string name, float value)
    {
        json.WritePropertyName(name);
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        json.WriteRawValue(text.Contains('E', StringComparison.Ordinal) ? value.ToString("0.##########", CultureInfo.InvariantCulture) : text);
    }

    /// <summary>Writes the list.</summary>
    public static void StringList(this Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    /// <summary>Writes the list unless it is empty.</summary>
    public static void StringListIfAny(this Utf8JsonWriter json, string name, IReadOnlyCollection<string> values)
    {
        if (values.Count > 0)
        {
            json.StringList(name, values);
        }
    }

    /// <summary>Writes the map, keys sorted by code unit.</summary>
    public static void Map(this Utf8JsonWriter json, string name, IEnumerable<KeyValuePair<string, string>> values)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in values.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    /// <summary>Writes the map unless it is empty.</summary>
    public static void MapIfAny(this Utf8JsonWriter json, string name, IReadOnlyCollection<KeyValuePair<string, string>> values)
    {
        if (values.Count > 0)
        {
            json.Map(name, values);
        }
    }

    /// <summary>Writes the map, <c>null</c> when it is empty.</summary>
    public static void MapOrNull(this Utf8JsonWriter json, string name, IReadOnlyCollection<KeyValuePair<string, string>> values)
    {
        if (values.Count > 0)
        {
            json.Map(name, values);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    /// <summary>Writes the elements with <paramref name="write"/> unless there are none.</summary>
    public static void ListIfAny<T>(this Utf8JsonWriter json, string name, IReadOnlyCollection<T> values, Action<Utf8JsonWriter, T> write)
    {
        if (values.Count > 0)
        {
            json.List(name, values, write);
        }
    }

    /// <summary>Writes the elements with <paramref name="write"/>.</summary>
    public static void List<T>(this Utf8JsonWriter json, string name, IEnumerable<T> values, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            write(json, value);
        }

        json.WriteEndArray();
    }
}
