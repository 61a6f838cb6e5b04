using SwarmNet.EngineApi.Http;
using SwarmNet.EngineApi.Mapping;
using SwarmNet.Manager.Control;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Swarm;

/// <summary>The routes under <c>/networks</c>: the swarm's networks on a manager, and this node's own everywhere.</summary>
internal sealed class NetworkRoutes(Func<ClusterAccess> cluster, LocalNetworks local)
{
    public IEnumerable<ApiRoute> All =>
    [
        new("GET", "/networks", ListAsync),
        new("POST", "/networks/create", CreateAsync),
        new("POST", "/networks/prune", PruneAsync),
        new("GET", "/networks/{id}", InspectAsync),
        new("DELETE", "/networks/{id}", RemoveAsync),
        new("POST", "/networks/{id}/connect", RefuseConnectAsync),
        new("POST", "/networks/{id}/disconnect", RefuseConnectAsync),
    ];

    // Null where there is no manager: those nodes show their own networks only.
    private ClusterAccess? Manager
    {
        get
        {
            try
            {
                return cluster();
            }
            catch (ApiException)
            {
                return null;
            }
        }
    }

    private Task ListAsync(ApiRequest request)
    {
        var filters = request.Filters().Allow("id", "name", "driver", "scope", "type", "label", "dangling");
        foreach (var type in filters.Values("type").Where(type => type is not ("custom" or "builtin")))
        {
            throw new ApiException(400, $"invalid filter: 'type'='{type}'");
        }

        var access = Manager;
        var view = access?.View ?? StoreView.Empty;
        var swarm = view.Networks.All.Where(network => IsListed(network) && Matches(filters, network) && IsDangling(filters, () => IsUsed(view, network.Id)));
        var own = local.All.Where(network => Matches(filters, network) && IsDangling(filters, () => true));
        return request.WriteJsonAsync(200, json =>
        {
            json.WriteStartArray();
            foreach (var network in swarm.OrderBy(network => network.Id, StringComparer.Ordinal))
            {
                NetworkJson.Write(json, network);
            }

            foreach (var network in own)
            {
                LocalNetworkJson.Write(json, network);
            }

            json.WriteEndArray();
        });
    }

    private Task InspectAsync(ApiRequest request)
    {
        var key = request["id"];
        var scope = request.Query("scope");
        var verbose = request.QueryFlag("verbose");
        if (scope is "" or "local" && local.Find(key) is { } own)
        {
            return request.WriteJsonAsync(200, json => LocalNetworkJson.Write(json, own));
        }

        if (scope == "local" || Manager is not { } access)
        {
            throw new ApiException(404, $"network {key} not found");
        }

        var network = ObjectLookup.Network(access.View, key);
        var onNode = NetworkUse.OnNode(access.View, network, access.NodeId, verbose);
        return request.WriteJsonAsync(200, json => NetworkJson.Write(json, network, onNode, verbose));
    }

    private async Task CreateAsync(ApiRequest request)
    {
        var body = await request.ReadObjectAsync("NetworkCreateRequest");
        var name = body.String("Name");
        var driver = body.String("Driver");
        if (LocalNetworks.IsPredefined(name))
        {
            throw new ApiException(403, $"operation is not permitted on predefined {name} network ");
        }

        if (driver is not ("" or "overlay") && body.String("Scope") != "swarm")
        {
            // The node's bridge is the data plane's own; networks of users are the swarm's.
            throw driver is "bridge" or "host" or "null" or "macvlan" or "ipvlan"
                ? new ApiException(501, $"networks with driver \"{driver}\" are not supported: use the overlay driver")
                : new ApiException(404, $"plugin \"{driver}\" not found");
        }

        if (name.Length == 0)
        {
            throw new ApiException(500, "invalid name: ");
        }

        if (body.OptionalBool("EnableIPv4") == false)
        {
            throw new ApiException(400, "IPv4 cannot be disabled in a Swarm scoped network");
        }

        var spec = NetworkJson.Read(body);
        spec.DriverConfig.Name = driver.Length == 0 ? "overlay" : driver;
        CheckIpam(spec);
        var access = cluster();
        if (access.View.Networks.FindByName(name) is not null || local.Find(name) is not null)
        {
            throw new ApiException(409, $"network with name {name} already exists");
        }

        var network = await access.Control.CreateNetworkAsync(spec, request.Aborted);
        await request.WriteJsonAsync(201, json =>
        {
            json.WriteStartObject();
            json.WriteString("Id", network.Id);
            json.WriteString("Warning", "");
            json.WriteEndObject();
        });
    }

    private async Task RemoveAsync(ApiRequest request)
    {
        var key = request["id"];
        if (LocalNetworks.IsPredefined(key) || local.Find(key) is not null)
        {
            throw new ApiException(403, $"{local.Find(key)?.Name ?? key} is a pre-defined network and cannot be removed");
        }

        var access = Manager ?? throw new ApiException(404, $"network {key} not found");
        await access.Control.RemoveNetworkAsync(ObjectLookup.Network(access.View, key).Id, request.Aborted);
        await request.WriteEmptyAsync(204);
    }

    private async Task PruneAsync(ApiRequest request)
    {
        var filters = request.Filters().Allow("until", "label", "label!");
        var deleted = new List<string>();
        if (Manager is { } access)
        {
            var view = access.View;
            foreach (var network in view.Networks.All.Where(network => IsPrunable(view, filters, network)))
            {
                try
                {
                    await access.Control.RemoveNetworkAsync(network.Id, request.Aborted);
                    deleted.Add(network.Spec.Annotations.Name);
                }
                catch (ControlException)
                {
                    // Somebody took it into use meanwhile: not unused any more.
                }
            }
        }

        await request.WriteJsonAsync(200, json =>
        {
            json.WriteStartObject();
            if (deleted.Count == 0)
            {
                json.WriteNull("NetworksDeleted");
            }
            else
            {
                Json.GoJsonWriter.StringList(json, "NetworksDeleted", deleted);
            }

            json.WriteEndObject();
        });
    }

    private Task RefuseConnectAsync(ApiRequest request) =>
        throw new ApiException(501, "containers of a swarm get their networks from their service: change the service's networks");

    private static bool IsListed(Network network) => !network.Spec.Annotations.Labels.ContainsKey("com.docker.swarm.predefined");

    private static bool IsPrunable(StoreView view, ApiFilters filters, Network network)
    {
        var labels = network.Spec.Annotations.Labels;
        var isOldEnough = filters.Match("until", text => !Json.GoTime.TryParse(text, out var until)
            ? throw new ApiException(400, $"invalid value for \"until\": {text}")
            : network.Meta.CreatedAt is { } created && Json.GoTime.UnixNanoseconds(created) < Json.GoTime.UnixNanoseconds(until));
        return IsListed(network) && !network.Spec.Ingress && isOldEnough && filters.Labels("label", labels)
            && (!filters.Has("label!") || !filters.Labels("label!", labels))
            && !IsUsed(view, network.Id);
    }

    private static bool IsUsed(StoreView view, string id) =>
        view.Services.All.Any(service => service.Spec.Networks.Concat(service.Spec.Task?.Networks ?? []).Any(network => network.Target == id))
        || view.Tasks.All.Any(task => task.DesiredState <= TaskState.Running && task.Networks.Any(attachment => attachment.Network?.Id == id));

    private static bool IsDangling(ApiFilters filters, Func<bool> isUsed) =>
        filters.Match("dangling", word => (word is "true" or "1") != isUsed());

    private static bool Matches(ApiFilters filters, Network network) =>
        filters.IsPrefix("id", network.Id)
        && filters.Match("name", part => network.Spec.Annotations.Name.Contains(part, StringComparison.Ordinal))
        && filters.Is("driver", NetworkJson.DriverName(network))
        && filters.Is("scope", "swarm")
        && filters.Is("type", network.Spec.Ingress ? "builtin" : "custom")
        && filters.Labels("label", network.Spec.Annotations.Labels);

    private static bool Matches(ApiFilters filters, LocalNetwork network) =>
        filters.IsPrefix("id", network.Id)
        && filters.Match("name", part => network.Name.Contains(part, StringComparison.Ordinal))
        && filters.Is("driver", network.Driver)
        && filters.Is("scope", "local")
        && filters.Is("type", LocalNetworks.IsPredefined(network.Name) ? "builtin" : "custom")
        && filters.Labels("label", new Dictionary<string, string>());

    private static void CheckIpam(NetworkSpec spec)
    {
        foreach (var config in spec.Ipam?.Configs ?? [])
        {
            if (config.Subnet.Length > 0 && !System.Net.IPNetwork.TryParse(config.Subnet, out _))
            {
                throw new ApiException(500, $"Invalid subnet {config.Subnet} : invalid CIDR address: {config.Subnet}");
            }
        }
    }
}
