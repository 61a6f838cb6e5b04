using System.Text.Json;
using Google.Protobuf.Collections;
using SwarmNet.EngineApi.Json;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Mapping;

/// <summary>Parts that every object has: id, version, times, name and labels, drivers.</summary>
internal static class CommonJson
{
    public static void Head(Utf8JsonWriter json, string id, Meta? meta)
    {
        json.WriteString("ID", id);
        Version(json, "Version", meta?.Version);
        json.WriteString("CreatedAt", GoTime.Format(meta?.CreatedAt));
        json.WriteString("UpdatedAt", GoTime.Format(meta?.UpdatedAt));
    }

    public static void Version(Utf8JsonWriter json, string name, Protocol.Version? version)
    {
        json.WriteStartObject(name);
        json.NumberIfAny("Index", version?.Index ?? 0);
        json.WriteEndObject();
    }

    /// <summary>Name and labels, flattened into the specification; labels are written even when there are none.</summary>
    public static void Annotations(Utf8JsonWriter json, Annotations? annotations)
    {
        json.StringIfAny("Name", annotations?.Name);
        json.Map("Labels", annotations?.Labels ?? []);
    }

    public static Annotations ReadAnnotations(GoObject spec)
    {
        var annotations = new Annotations { Name = spec.String("Name") };
        annotations.Labels.Add(spec.Map("Labels"));
        return annotations;
    }

    public static void DriverIfAny(Utf8JsonWriter json, string name, Driver? driver)
    {
        if (driver is not null)
        {
            json.WriteStartObject(name);
            DriverBody(json, driver);
            json.WriteEndObject();
        }
    }

    public static void DriverBody(Utf8JsonWriter json, Driver driver)
    {
        json.StringIfAny("Name", driver.Name);
        json.MapIfAny("Options", driver.Options);
    }

    public static Driver? ReadDriver(GoObject spec, string name)
    {
        if (spec.Object(name, "Driver") is not { } body)
        {
            return null;
        }

        var driver = new Driver { Name = body.String("Name") };
        driver.Options.Add(body.Map("Options"));
        return driver;
    }

    public static void Platform(Utf8JsonWriter json, Platform platform)
    {
        json.WriteStartObject();
        json.StringIfAny("Architecture", platform.Architecture);
        json.StringIfAny("OS", platform.Os);
        json.WriteEndObject();
    }

    public static void GenericResources(Utf8JsonWriter json, string name, RepeatedField<GenericResource> resources) =>
        json.ListIfAny(name, resources, static (json, resource) =>
        {
            json.WriteStartObject();
            if (resource.NamedResourceSpec is { } named)
            {
                json.WriteStartObject("NamedResourceSpec");
                json.StringIfAny("Kind", named.Kind);
                json.StringIfAny("Value", named.Value);
                json.WriteEndObject();
            }
            else if (resource.DiscreteResourceSpec is { } discrete)
            {
                json.WriteStartObject("DiscreteResourceSpec");
                json.StringIfAny("Kind", discrete.Kind);
                json.NumberIfAny("Value", discrete.Value);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        });
}
