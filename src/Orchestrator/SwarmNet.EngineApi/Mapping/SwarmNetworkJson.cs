using System.Text.Json;
using SwarmNet.EngineApi.Json;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Mapping;

/// <summary>A cluster network as it appears inside a task's attachments (moby <c>api/types/swarm.Network</c>).</summary>
internal static class SwarmNetworkJson
{
    public static void Write(Utf8JsonWriter json, string name, Network network)
    {
        json.WriteStartObject(name);
        CommonJson.Head(json, network.Id, network.Meta);
        WriteSpec(json, network.Spec ?? new NetworkSpec());
        json.WriteStartObject("DriverState");
        CommonJson.DriverBody(json, network.DriverState ?? new Driver());
        json.WriteEndObject();
        IpamIfAny(json, network.Ipam);
        json.WriteEndObject();
    }

    private static void WriteSpec(Utf8JsonWriter json, NetworkSpec spec)
    {
        json.WriteStartObject("Spec");
        CommonJson.Annotations(json, spec.Annotations);
        CommonJson.DriverIfAny(json, "DriverConfiguration", spec.DriverConfig);
        json.TrueIfSet("IPv6Enabled", spec.Ipv6Enabled);
        json.TrueIfSet("Internal", spec.Internal);
        json.TrueIfSet("Attachable", spec.Attachable);
        json.TrueIfSet("Ingress", spec.Ingress);
        IpamIfAny(json, spec.Ipam);
        json.WriteString("Scope", "swarm");
        json.WriteEndObject();
    }

    private static void IpamIfAny(Utf8JsonWriter json, IPAMOptions? ipam)
    {
        if (ipam is null)
        {
            return;
        }

        json.WriteStartObject("IPAMOptions");
        json.WriteStartObject("Driver");
        CommonJson.DriverBody(json, ipam.Driver ?? new Driver());
        json.WriteEndObject();
        json.ListIfAny("Configs", ipam.Configs, static (json, config) =>
        {
            json.WriteStartObject();
            json.StringIfAny("Subnet", config.Subnet);
            json.StringIfAny("Range", config.Range);
            json.StringIfAny("Gateway", config.Gateway);
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }
}
