using System.Text.Json;
using SwarmNet.EngineApi.Json;

namespace SwarmNet.EngineApi.Mapping;

/// <summary>The services on a network, as <c>GET /networks/{id}?verbose=true</c> adds them.</summary>
internal static class NetworkServicesJson
{
    public static void Write(Utf8JsonWriter json, IEnumerable<NetworkService> services)
    {
        json.WriteStartObject("Services");
        foreach (var service in services.OrderBy(service => service.Name, StringComparer.Ordinal))
        {
            json.WriteStartObject(service.Name);
            json.WriteString("VIP", service.Vip);
            json.StringList("Ports", service.Ports);
            json.WriteNumber("LocalLBIndex", 0);
            json.List("Tasks", service.Tasks, static (json, task) =>
            {
                json.WriteStartObject();
                json.WriteString("Name", task.Name);
                json.WriteString("EndpointID", task.EndpointId);
                json.WriteString("EndpointIP", task.Address);
                json.WriteStartObject("Info");
                json.WriteString("Host IP", task.HostAddress);
                json.WriteEndObject();
                json.WriteEndObject();
            });
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
