using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SwarmNet.EngineApi.Json;
using SwarmNet.EngineApi.Mapping;
using SwarmNet.Manager;
using SwarmNet.Manager.Control;

namespace SwarmNet.EngineApi.Http;

/// <summary>Finds the handler of a request and words what goes wrong in it as Docker does.</summary>
/// <param name="routes">All routes.</param>
/// <param name="manager">This node's manager; null without one.</param>
/// <param name="serverHeader">What the server calls itself.</param>
/// <param name="logger">Gets faults.</param>
internal sealed partial class ApiRouter(IReadOnlyList<ApiRoute> routes, Func<SwarmManager?> manager, string serverHeader, ILogger logger)
{
    /// <summary>Answers one request of a client.</summary>
    public Task HandleAsync(HttpContext http) => HandleAsync(http, isForwarded: false);

    /// <summary>Answers a request that another manager passed on, because this one leads.</summary>
    public Task HandleForwardedAsync(HttpContext http) => HandleAsync(http, isForwarded: true);

    private async Task HandleAsync(HttpContext http, bool isForwarded)
    {
        var path = (http.Request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        var isVersioned = path.Length > 0 && ApiVersion.TryParseSegment(path[0], out _);
        var version = isVersioned && ApiVersion.TryParseSegment(path[0], out var asked) ? asked : ApiVersion.Max;
        try
        {
            if (Find(http.Request.Method, isVersioned ? path.AsSpan(1) : path, out var values) is not { } route)
            {
                throw new ApiException(404, "page not found");
            }

            if (!isForwarded && await IsAnsweredByLeaderAsync(http, route.Scope))
            {
                return;
            }

            http.Response.Headers["Api-Version"] = ApiVersion.Max.ToString();
            http.Response.Headers["Docker-Experimental"] = "false";
            http.Response.Headers["Ostype"] = "linux";
            http.Response.Headers.Server = serverHeader;
            CheckVersion(version);
            await route.Handler(new ApiRequest(http, version, values));
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            http.Abort();
        }
        catch (Exception error) when (!http.Response.HasStarted)
        {
            await WriteErrorAsync(http, version, error);
        }
        catch (Exception error)
        {
            // Too late for a status: cutting the connection is what tells the client.
            LogBroken(logger, http.Request.Path, error);
            http.Abort();
        }
    }

    /// <summary>True when the leader has answered; false when it is to be answered here, and may be.</summary>
    private async Task<bool> IsAnsweredByLeaderAsync(HttpContext http, RouteScope scope)
    {
        if (scope == RouteScope.Node || manager() is not { } own)
        {
            return false;
        }

        if (scope == RouteScope.Leader)
        {
            return await own.TryForwardApiAsync(http);
        }

        if (scope == RouteScope.Swarm)
        {
            return await own.TryForwardReadAsync(http);
        }

        try
        {
            if (own.DiskProblem.Length == 0)
            {
                await own.ConfirmReadAsync(http.RequestAborted);
            }
        }
        catch (ControlException)
        {
            // This node's part is known all the same.
        }

        return false;
    }

    private static void CheckVersion(ApiVersion version)
    {
        if (version < ApiVersion.Min)
        {
            throw new ApiException(
                400,
                $"client version {version} is too old. Minimum supported API version is {ApiVersion.Min}, please upgrade your client to a newer version");
        }

        if (version > ApiVersion.Max)
        {
            throw new ApiException(400, $"client version {version} is too new. Maximum supported API version is {ApiVersion.Max}");
        }
    }

    private ApiRoute? Find(string method, ReadOnlySpan<string> path, out Dictionary<string, string> values)
    {
        foreach (var route in routes)
        {
            if (route.TryMatch(method, path, out values))
            {
                return route;
            }
        }

        values = [];
        return null;
    }

    private async Task WriteErrorAsync(HttpContext http, ApiVersion version, Exception error)
    {
        var (status, message) = ErrorText.Of(error);
        if (status >= 500 && error is not (ApiException or ControlException))
        {
            LogFailed(logger, http.Request.Method, http.Request.Path, error);
        }

        var request = new ApiRequest(http, version, new Dictionary<string, string>());
        if (version < ApiVersion.JsonErrors)
        {
            http.Response.StatusCode = status;
            http.Response.ContentType = "text/plain; charset=utf-8";
            await http.Response.WriteAsync(message + "\n", http.RequestAborted);
            return;
        }

        await request.WriteJsonAsync(status, json =>
        {
            json.WriteStartObject();
            json.WriteString("message", message);
            json.WriteEndObject();
        });
    }
}
