using System.Text.Json;
using SwarmNet.EngineApi.Json;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Mapping;

/// <summary>A service's endpoint: ports, virtual addresses.</summary>
internal static class EndpointJson
{
    public static void Write(Utf8JsonWriter json, Endpoint? endpoint)
    {
        json.WriteStartObject("Endpoint");
        if (endpoint?.Spec is { } spec)
        {
            WriteSpec(json, "Spec", spec);
        }
        else
        {
            json.WriteStartObject("Spec");
            json.WriteEndObject();
        }

        if (endpoint is not null)
        {
            json.ListIfAny("Ports", endpoint.Ports, WritePort);
            json.ListIfAny("VirtualIPs", endpoint.VirtualIps, static (json, address) =>
            {
                json.WriteStartObject();
                json.StringIfAny("NetworkID", address.NetworkId);
                json.StringIfAny("Addr", address.Addr);
                json.WriteEndObject();
            });
        }

        json.WriteEndObject();
    }

    public static void WriteSpec(Utf8JsonWriter json, string name, EndpointSpec spec)
    {
        json.WriteStartObject(name);
        json.WriteString("Mode", Words.Of(spec.Mode));
        json.ListIfAny("Ports", spec.Ports, WritePort);
        json.WriteEndObject();
    }

    public static void WritePort(Utf8JsonWriter json, PortConfig port)
    {
        json.WriteStartObject();
        json.StringIfAny("Name", port.Name);
        json.WriteString("Protocol", Words.Of(port.Protocol));
        json.NumberIfAny("TargetPort", (ulong)port.TargetPort);
        json.NumberIfAny("PublishedPort", (ulong)port.PublishedPort);
        json.WriteString("PublishMode", Words.Of(port.PublishMode));
        json.WriteEndObject();
    }

    public static EndpointSpec ReadSpec(GoObject body)
    {
        var mode = body.String("Mode");
        var spec = new EndpointSpec
        {
            Mode = mode switch
            {
                "" or "vip" => EndpointResolutionMode.Vip,
                "dnsrr" => EndpointResolutionMode.Dnsrr,
                _ => throw new ConversionException($"invalid resolution mode: \"{mode}\""),
            },
        };

        foreach (var port in body.Objects("Ports", "PortConfig"))
        {
            var protocol = port.String("Protocol");
            var publish = port.String("PublishMode");
            spec.Ports.Add(new PortConfig
            {
                Name = port.String("Name"),
                Protocol = protocol switch
                {
                    "" or "tcp" => PortProtocol.Tcp,
                    "udp" => PortProtocol.Udp,
                    "sctp" => PortProtocol.Sctp,
                    _ => throw new ConversionException($"invalid protocol: \"{protocol}\""),
                },
                PublishMode = publish switch
                {
                    "" or "ingress" => PublishMode.Ingress,
                    "host" => PublishMode.Host,
                    _ => throw new ConversionException($"invalid publish mode: \"{publish}\""),
                },
                TargetPort = port.UInt32("TargetPort"),
                PublishedPort = port.UInt32("PublishedPort"),
            });
        }

        return spec;
    }
}
