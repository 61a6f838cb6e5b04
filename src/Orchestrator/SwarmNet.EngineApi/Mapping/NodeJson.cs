using System.Text.Json;
using SwarmNet.EngineApi.Json;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Mapping;

/// <summary>A node as <c>GET /nodes</c> shows it, and its specification back.</summary>
internal static class NodeJson
{
    public static void Write(Utf8JsonWriter json, Node node)
    {
        json.WriteStartObject();
        CommonJson.Head(json, node.Id, node.Meta);
        json.WriteStartObject("Spec");
        CommonJson.Annotations(json, node.Spec?.Annotations);
        json.WriteString("Role", Words.Of(node.Spec?.DesiredRole ?? NodeRole.Worker));
        json.WriteString("Availability", Words.Of(node.Spec?.Availability ?? NodeAvailability.Active));
        json.WriteEndObject();
        WriteDescription(json, node.Description ?? new NodeDescription());
        json.WriteStartObject("Status");
        json.WriteString("State", Words.Of(node.Status?.State ?? NodeState.Unknown));
        json.StringIfAny("Message", node.Status?.Message);
        json.StringIfAny("Addr", node.Status?.Addr);
        json.WriteEndObject();
        if (node.ManagerStatus is { } manager)
        {
            json.WriteStartObject("ManagerStatus");
            json.TrueIfSet("Leader", manager.Leader);
            json.WriteString("Reachability", Words.Of(manager.Reachability));
            json.StringIfAny("Addr", manager.Addr);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary>Reads a node's specification. Membership is not a client's to change and stays accepted.</summary>
    public static NodeSpec ReadSpec(GoObject body)
    {
        var role = body.String("Role");
        var availability = body.String("Availability");
        return new NodeSpec
        {
            Annotations = CommonJson.ReadAnnotations(body),
            Membership = NodeMembership.Accepted,
            DesiredRole = Words.ParseRole(role) ?? throw new ConversionException($"invalid Role: \"{role}\""),
            Availability = Words.ParseAvailability(availability) ?? throw new ConversionException($"invalid Availability: \"{availability}\""),
        };
    }

    private static void WriteDescription(Utf8JsonWriter json, NodeDescription description)
    {
        json.WriteStartObject("Description");
        json.StringIfAny("Hostname", description.Hostname);
        json.WritePropertyName("Platform");
        CommonJson.Platform(json, description.Platform ?? new Platform());
        json.WriteStartObject("Resources");
        json.NumberIfAny("NanoCPUs", description.Resources?.NanoCpus ?? 0);
        json.NumberIfAny("MemoryBytes", description.Resources?.MemoryBytes ?? 0);
        CommonJson.GenericResources(json, "GenericResources", description.Resources?.Generic ?? []);
        json.WriteEndObject();
        json.WriteStartObject("Engine");
        json.StringIfAny("EngineVersion", description.Engine?.EngineVersion);
        json.MapIfAny("Labels", description.Engine?.Labels ?? []);
        json.ListIfAny("Plugins", description.Engine?.Plugins ?? [], static (json, plugin) =>
        {
            json.WriteStartObject();
            json.StringIfAny("Type", plugin.Type);
            json.StringIfAny("Name", plugin.Name);
            json.WriteEndObject();
        });
        json.WriteEndObject();
        ClusterJson.WriteTls(json, description.TlsInfo ?? new NodeTLSInfo());
        json.WriteEndObject();
    }
}
