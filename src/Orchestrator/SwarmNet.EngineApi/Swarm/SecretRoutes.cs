using SwarmNet.EngineApi.Http;
using SwarmNet.EngineApi.Mapping;

namespace SwarmNet.EngineApi.Swarm;

/// <summary>The routes under <c>/secrets</c> and <c>/configs</c>.</summary>
internal sealed class SecretRoutes(Func<ClusterAccess> cluster)
{
    public IEnumerable<ApiRoute> All =>
    [
        new("GET", "/secrets", ListSecretsAsync),
        new("POST", "/secrets/create", CreateSecretAsync),
        new("GET", "/secrets/{id}", InspectSecretAsync),
        new("DELETE", "/secrets/{id}", RemoveSecretAsync),
        new("POST", "/secrets/{id}/update", UpdateSecretAsync),
        new("GET", "/configs", ListConfigsAsync),
        new("POST", "/configs/create", CreateConfigAsync),
        new("GET", "/configs/{id}", InspectConfigAsync),
        new("DELETE", "/configs/{id}", RemoveConfigAsync),
        new("POST", "/configs/{id}/update", UpdateConfigAsync),
    ];

    private Task ListSecretsAsync(ApiRequest request)
    {
        var view = cluster().View;
        var filters = request.Filters().Allow("id", "name", "names", "label");
        var secrets = view.Secrets.All.Where(secret => !secret.Internal
            && filters.IsPrefix("id", secret.Id)
            && filters.IsPrefix("name", secret.Spec.Annotations.Name)
            && filters.Is("names", secret.Spec.Annotations.Name)
            && filters.Labels("label", secret.Spec.Annotations.Labels));
        return request.WriteListAsync(secrets.OrderBy(secret => secret.Id, StringComparer.Ordinal), SecretJson.Write);
    }

    private async Task CreateSecretAsync(ApiRequest request)
    {
        var spec = SecretJson.ReadSecret(await request.ReadObjectAsync("SecretSpec"));
        var secret = await cluster().Control.CreateSecretAsync(spec, request.Aborted);
        await WriteIdAsync(request, secret.Id);
    }

    private Task InspectSecretAsync(ApiRequest request)
    {
        var secret = ObjectLookup.Secret(cluster().View, request["id"]);
        return request.WriteJsonAsync(200, json => SecretJson.Write(json, secret));
    }

    private async Task RemoveSecretAsync(ApiRequest request)
    {
        var access = cluster();
        await access.Control.RemoveSecretAsync(ObjectLookup.Secret(access.View, request["id"]).Id, request.Aborted);
        await request.WriteEmptyAsync(204);
    }

    private async Task UpdateSecretAsync(ApiRequest request)
    {
        var spec = SecretJson.ReadSecret(await request.ReadObjectAsync("SecretSpec"));
        var version = request.ObjectVersion("secret");
        var access = cluster();
        await access.Control.UpdateSecretAsync(ObjectLookup.Secret(access.View, request["id"]).Id, version, spec, request.Aborted);
        await request.WriteEmptyAsync(200);
    }

    private Task ListConfigsAsync(ApiRequest request)
    {
        var view = cluster().View;
        var filters = request.Filters().Allow("id", "name", "names", "label");
        var configs = view.Configs.All.Where(config =>
            filters.IsPrefix("id", config.Id)
            && filters.IsPrefix("name", config.Spec.Annotations.Name)
            && filters.Is("names", config.Spec.Annotations.Name)
            && filters.Labels("label", config.Spec.Annotations.Labels));
        return request.WriteListAsync(configs.OrderBy(config => config.Id, StringComparer.Ordinal), SecretJson.Write);
    }

    private async Task CreateConfigAsync(ApiRequest request)
    {
        var spec = SecretJson.ReadConfig(await request.ReadObjectAsync("ConfigSpec"));
        var config = await cluster().Control.CreateConfigAsync(spec, request.Aborted);
        await WriteIdAsync(request, config.Id);
    }

    private Task InspectConfigAsync(ApiRequest request)
    {
        var config = ObjectLookup.Config(cluster().View, request["id"]);
        return request.WriteJsonAsync(200, json => SecretJson.Write(json, config));
    }

    private async Task RemoveConfigAsync(ApiRequest request)
    {
        var access = cluster();
        await access.Control.RemoveConfigAsync(ObjectLookup.Config(access.View, request["id"]).Id, request.Aborted);
        await request.WriteEmptyAsync(204);
    }

    private async Task UpdateConfigAsync(ApiRequest request)
    {
        var spec = SecretJson.ReadConfig(await request.ReadObjectAsync("ConfigSpec"));
        var version = request.ObjectVersion("config");
        var access = cluster();
        await access.Control.UpdateConfigAsync(ObjectLookup.Config(access.View, request["id"]).Id, version, spec, request.Aborted);
        await request.WriteEmptyAsync(200);
    }

    private static Task WriteIdAsync(ApiRequest request, string id) => request.WriteJsonAsync(201, json =>
    {
        json.WriteStartObject();
        json.WriteString("ID", id);
        json.WriteEndObject();
    });
}
