using System.Text.Json;
using Google.Protobuf;
using SwarmNet.EngineApi.Json;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Mapping;

/// <summary>Secrets and configs, both ways. A secret's data goes in and never comes out.</summary>
internal static class SecretJson
{
    public static void Write(Utf8JsonWriter json, Secret secret)
    {
        json.WriteStartObject();
        CommonJson.Head(json, secret.Id, secret.Meta);
        json.WriteStartObject("Spec");
        CommonJson.Annotations(json, secret.Spec?.Annotations);
        CommonJson.DriverIfAny(json, "Driver", secret.Spec?.Driver);
        CommonJson.DriverIfAny(json, "Templating", secret.Spec?.Templating);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, Config config)
    {
        json.WriteStartObject();
        CommonJson.Head(json, config.Id, config.Meta);
        json.WriteStartObject("Spec");
        CommonJson.Annotations(json, config.Spec?.Annotations);
        if (config.Spec is { Data.IsEmpty: false } spec)
        {
            json.WriteBase64String("Data", spec.Data.Span);
        }

        CommonJson.DriverIfAny(json, "Templating", config.Spec?.Templating);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static SecretSpec ReadSecret(GoObject body) => new()
    {
        Annotations = CommonJson.ReadAnnotations(body),
        Data = UnsafeByteOperations.UnsafeWrap(body.Bytes("Data")),
        Driver = CommonJson.ReadDriver(body, "Driver"),
        Templating = CommonJson.ReadDriver(body, "Templating"),
    };

    public static ConfigSpec ReadConfig(GoObject body) => new()
    {
        Annotations = CommonJson.ReadAnnotations(body),
        Data = UnsafeByteOperations.UnsafeWrap(body.Bytes("Data")),
        Templating = CommonJson.ReadDriver(body, "Templating"),
    };
}
