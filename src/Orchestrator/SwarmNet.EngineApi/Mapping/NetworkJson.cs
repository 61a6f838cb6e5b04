using System.Text.Json;
using SwarmNet.EngineApi.Json;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Mapping;

/// <summary>A cluster network as <c>GET /networks</c> shows it, and the body of <c>POST /networks/create</c> back.</summary>
internal static class NetworkJson
{
    /// <summary>Writes the network.</summary>
    /// <param name="json">The writer.</param>
    /// <param name="network">The object of the store.</param>
    /// <param name="local">What this node knows of it, null when no task of this node is attached.</param>
    /// <param name="verbose">Add the services on the network.</param>
    public static void Write(Utf8JsonWriter json, Network network, NetworkOnNode? local = null, bool verbose = false)
    {
        var spec = network.Spec ?? new NetworkSpec();
        json.WriteStartObject();
        json.WriteString("Name", spec.Annotations?.Name ?? "");
        json.WriteString("Id", network.Id);
        json.WriteString("Created", GoTime.Format(network.Meta?.CreatedAt));
        json.WriteString("Scope", "swarm");
        json.WriteString("Driver", DriverName(network));
        json.WriteBoolean("EnableIPv6", spec.Ipv6Enabled);
        WriteIpam(json, network.Ipam ?? spec.Ipam);
        json.WriteBoolean("Internal", spec.Internal);
        json.WriteBoolean("Attachable", spec.Attachable);
        json.WriteBoolean("Ingress", spec.Ingress);
        json.WriteStartObject("ConfigFrom");
        json.WriteString("Network", spec.Network);
        json.WriteEndObject();
        json.WriteBoolean("ConfigOnly", false);
        if (local is null)
        {
            json.WriteNull("Containers");
        }
        else
        {
            json.WriteStartObject("Containers");
            foreach (var endpoint in local.Endpoints)
            {
                endpoint.Write(json);
            }

            json.WriteEndObject();
        }

        json.MapOrNull("Options", network.DriverState?.Options ?? []);
        if (local is null)
        {
            json.MapOrNull("Labels", spec.Annotations?.Labels ?? []);
        }
        else
        {
            json.Map("Labels", spec.Annotations?.Labels ?? []);
            json.List("Peers", local.Peers, static (json, peer) =>
            {
                json.WriteStartObject();
                json.WriteString("Name", peer.Name);
                json.WriteString("IP", peer.Address);
                json.WriteEndObject();
            });
            if (verbose)
            {
                NetworkServicesJson.Write(json, local.Services);
            }
        }

        json.WriteEndObject();
    }

    /// <summary>The driver in use: the allocator's answer, else the one asked for.</summary>
    public static string DriverName(Network network) =>
        network.DriverState is { Name.Length: > 0 } state ? state.Name : network.Spec?.DriverConfig?.Name ?? "";

    /// <summary>Reads the body of a create request.</summary>
    public static NetworkSpec Read(GoObject body)
    {
        var spec = new NetworkSpec
        {
            Annotations = CommonJson.ReadAnnotations(body),
            DriverConfig = new Driver { Name = body.String("Driver") },
            Ipv6Enabled = body.Bool("EnableIPv6"),
            Internal = body.Bool("Internal"),
            Attachable = body.Bool("Attachable"),
            Ingress = body.Bool("Ingress"),
        };
        spec.DriverConfig.Options.Add(body.Map("Options"));
        if (body.Object("IPAM", "IPAM") is { } ipam)
        {
            var driver = ipam.String("Driver");
            spec.Ipam = new IPAMOptions { Driver = new Driver { Name = driver.Length == 0 ? "default" : driver } };
            spec.Ipam.Driver.Options.Add(ipam.Map("Options"));
            foreach (var config in ipam.Objects("Config", "IPAMConfig"))
            {
                var entry = new IPAMConfig
                {
                    Subnet = config.String("Subnet"),
                    Range = config.String("IPRange"),
                    Gateway = config.String("Gateway"),
                };
                entry.Reserved.Add(config.Map("AuxiliaryAddresses"));
                spec.Ipam.Configs.Add(entry);
            }
        }

        if (body.Object("ConfigFrom", "ConfigReference")?.String("Network") is { Length: > 0 } from)
        {
            spec.Network = from;
        }

        return spec;
    }

    private static void WriteIpam(Utf8JsonWriter json, IPAMOptions? ipam)
    {
        json.WriteStartObject("IPAM");
        json.WriteString("Driver", ipam?.Driver?.Name ?? "");
        json.MapOrNull("Options", ipam?.Driver?.Options ?? []);
        json.List("Config", ipam?.Configs ?? [], static (json, config) =>
        {
            json.WriteStartObject();
            json.StringIfAny("Subnet", config.Subnet);
            json.StringIfAny("IPRange", config.Range);
            json.StringIfAny("Gateway", config.Gateway);
            json.MapIfAny("AuxiliaryAddresses", config.Reserved);
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }
}
