using System.Text.Json;

namespace SwarmNet.EngineApi.Mapping;

/// <summary>One attached container.</summary>
/// <param name="Key">Container id.</param>
/// <param name="Name">Container name.</param>
/// <param name="EndpointId">Opaque id of the attachment.</param>
/// <param name="MacAddress">Hardware address.</param>
/// <param name="Address">IPv4 address with prefix length.</param>
/// <param name="Address6">IPv6 address with prefix length; empty = none.</param>
internal readonly record struct NetworkEndpoint(string Key, string Name, string EndpointId, string MacAddress, string Address, string Address6 = "")
{
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject(Key);
        json.WriteString(nameof(Name), Name);
        json.WriteString("EndpointID", EndpointId);
        json.WriteString(nameof(MacAddress), MacAddress);
        json.WriteString("IPv4Address", Address);
        json.WriteString("IPv6Address", Address6);
        json.WriteEndObject();
    }
}
