using Google.Protobuf.Collections;
using SwarmNet.EngineApi.Http;
using SwarmNet.EngineApi.Json;
using SwarmNet.EngineApi.Mapping;
using SwarmNet.Manager.Control;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Swarm;

/// <summary>The routes under <c>/services</c>, logs excepted.</summary>
internal sealed class ServiceRoutes(Func<ClusterAccess> cluster, LocalNetworks localNetworks)
{
    // From this version on the service-level list is ignored; older clients have no other.
    private static readonly ApiVersion TaskNetworksOnly = new(1, 44);

    public IEnumerable<ApiRoute> All =>
    [
        new("GET", "/services", ListAsync),
        new("POST", "/services/create", CreateAsync),
        new("GET", "/services/{id}", InspectAsync),
        new("DELETE", "/services/{id}", RemoveAsync),
        new("POST", "/services/{id}/update", UpdateAsync),
    ];

    private Task ListAsync(ApiRequest request)
    {
        var view = cluster().View;
        var filters = request.Filters().Allow("id", "name", "label", "mode", "runtime");
        var withStatus = request.QueryFlag("status");
        var hasRuntime = filters.Has("runtime");
        var services = view.Services.All.Where(service =>
            filters.IsPrefix("id", service.Id)
            && filters.IsPrefix("name", service.Spec.Annotations.Name)
            && filters.Labels("label", service.Spec.Annotations.Labels)
            && filters.Is("mode", Words.Of(service.Spec.ModeCase))
            && (hasRuntime ? filters.Is("runtime", Words.RuntimeOf(service.Spec.Task)) : Words.RuntimeOf(service.Spec.Task) == "container"));
        return request.WriteListAsync(services.OrderBy(service => service.Id, StringComparer.Ordinal), (json, service) =>
            ServiceJson.Write(json, service, withStatus ? ServiceTaskCounts.Of(
                service, view.TasksOfService(service.Id), id => view.Nodes.Get(id)?.Status?.State == NodeState.Down) : null));
    }

    private Task InspectAsync(ApiRequest request)
    {
        var service = ObjectLookup.Service(cluster().View, request["id"]);
        var insertDefaults = request.Query("insertDefaults") switch
        {
            "" => false,
            "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
            "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
            var word => throw new ApiException(
                400, $"invalid value for insertDefaults: {word}: strconv.ParseBool: parsing \"{word}\": invalid syntax"),
        };
        return request.WriteJsonAsync(200, json => ServiceJson.Write(json, service, insertDefaults: insertDefaults));
    }

    private async Task CreateAsync(ApiRequest request)
    {
        var spec = ReadSpec(request, await request.ReadObjectAsync("ServiceSpec"));
        var access = cluster();
        if (spec.Annotations.Name.Length == 0)
        {
            spec.Annotations.Name = RandomNames.Next(Random.Shared);
        }

        ResolveNetworks(access.View, spec);
        SetCredentials(spec, RegistryAuth(request));
        var service = await access.Control.CreateServiceAsync(spec, request.Aborted);
        await request.WriteJsonAsync(201, json =>
        {
            json.WriteStartObject();
            json.WriteString("ID", service.Id);
            json.WriteEndObject();
        });
    }

    private async Task UpdateAsync(ApiRequest request)
    {
        var body = await request.ReadObjectAsync("ServiceSpec");
        var version = request.ObjectVersion("service");
        var access = cluster();
        var spec = ReadSpec(request, body);
        ResolveNetworks(access.View, spec);
        var service = ObjectLookup.Service(access.View, request["id"]);
        SetCredentials(spec, RegistryAuth(request) is { Length: > 0 } sent ? sent : KeptCredentials(request, service));
        var rollback = request.Query("rollback") switch
        {
            "" or "none" => RollbackMode.None,
            "previous" => RollbackMode.Previous,
            var word => throw new ApiException(500, $"unrecognized rollback option {word}"),
        };
        await access.Control.UpdateServiceAsync(service.Id, version, spec, rollback, request.Aborted);
        await request.WriteJsonAsync(200, json =>
        {
            json.WriteStartObject();
            json.WriteNull("Warnings");
            json.WriteEndObject();
        });
    }

    private async Task RemoveAsync(ApiRequest request)
    {
        var access = cluster();
        await access.Control.RemoveServiceAsync(ObjectLookup.Service(access.View, request["id"]).Id, request.Aborted);
        await request.WriteEmptyAsync(200);
    }

    private static ServiceSpec ReadSpec(ApiRequest request, GoObject body)
    {
        var spec = ServiceSpecJson.Read(body);
        if (request.Version >= TaskNetworksOnly)
        {
            spec.Networks.Clear();
        }

        return spec;
    }

    private void ResolveNetworks(StoreView view, ServiceSpec spec)
    {
        Resolve(view, spec.Task.Networks);
        Resolve(view, spec.Networks);
    }

    // Names become ids: the store and the allocator know networks by id only.
    private void Resolve(StoreView view, RepeatedField<NetworkAttachmentConfig> networks)
    {
        foreach (var network in networks)
        {
            try
            {
                network.Target = ObjectLookup.Network(view, network.Target).Id;
            }
            catch (ApiException) when (localNetworks.Find(network.Target) is { } local)
            {
                throw new ApiException(
                    403,
                    $"The network {local.Name} cannot be used with services. Only networks scoped to the swarm can be used, "
                    + "such as those created with the overlay driver.");
            }
            catch (ApiException missing) when (missing.Status == 404)
            {
                // Docker forgets the status of this one.
                throw new ApiException(500, missing.Message);
            }
        }
    }

    private static string RegistryAuth(ApiRequest request) => request.Http.Request.Headers["X-Registry-Auth"].ToString();

    private static string KeptCredentials(ApiRequest request, Service service) => request.Query("registryAuthFrom") switch
    {
        "" or "spec" => service.Spec.Task?.Container?.PullOptions?.RegistryAuth ?? "",
        "previous-spec" when service.PreviousSpec is null => throw new ApiException(400, "service does not have a previous spec"),
        "previous-spec" => service.PreviousSpec.Task?.Container?.PullOptions?.RegistryAuth ?? "",
        var word => throw new ApiException(400, $"invalid registryAuthFrom '{word}'"),
    };

    private static void SetCredentials(ServiceSpec spec, string credentials)
    {
        if (credentials.Length > 0 && spec.Task.Container is { } container)
        {
            container.PullOptions = new ContainerSpec.Types.PullOptions { RegistryAuth = credentials };
        }
    }
}
