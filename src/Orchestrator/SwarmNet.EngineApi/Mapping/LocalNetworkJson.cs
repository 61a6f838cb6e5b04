using System.Text.Json;
using SwarmNet.EngineApi.Json;

namespace SwarmNet.EngineApi.Mapping;

/// <summary>A network of this node alone, as <c>GET /networks</c> shows it.</summary>
internal static class LocalNetworkJson
{
    public static void Write(Utf8JsonWriter json, LocalNetwork network)
    {
        json.WriteStartObject();
        json.WriteString("Name", network.Name);
        json.WriteString("Id", network.Id);
        json.WriteString("Created", GoTime.Format(network.Created));
        json.WriteString("Scope", "local");
        json.WriteString("Driver", network.Driver);
        json.WriteBoolean("EnableIPv6", false);
        json.WriteStartObject("IPAM");
        json.WriteString("Driver", "default");
        json.WriteNull("Options");
        json.WriteStartArray("Config");
        if (network.Subnet.Length > 0)
        {
            json.WriteStartObject();
            json.WriteString("Subnet", network.Subnet);
            json.StringIfAny("Gateway", network.Gateway);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteBoolean("Internal", false);
        json.WriteBoolean("Attachable", false);
        json.WriteBoolean("Ingress", false);
        json.WriteStartObject("ConfigFrom");
        json.WriteString("Network", "");
        json.WriteEndObject();
        json.WriteBoolean("ConfigOnly", false);
        json.WriteStartObject("Containers");
        json.WriteEndObject();
        json.Map("Options", network.Options);
        json.WriteStartObject("Labels");
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
