namespace SwarmNet.EngineApi.Http;

/// <summary>One route: method, path and handler.</summary>
internal sealed class ApiRoute
{
    private readonly string[] segments;

    /// <summary>Makes a route.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="pattern">Path; <c>{id}</c> takes one segment, <c>{name*}</c> one or more (image names have slashes).</param>
    /// <param name="handler">Answers the request.</param>
    public ApiRoute(string method, string pattern, Func<ApiRequest, Task> handler)
    {
        Method = method;
        Handler = handler;
        segments = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);
    }

    private ApiRoute(ApiRoute route, RouteScope scope) => (Method, Handler, segments, Scope) = (route.Method, route.Handler, route.segments, scope);

    public string Method { get; }

    public Func<ApiRequest, Task> Handler { get; }

    /// <summary>Who answers.</summary>
    public RouteScope Scope { get; }

    /// <summary>Routes about the swarm: what reads is <see cref="RouteScope.Swarm"/>, what changes is <see cref="RouteScope.Leader"/>.</summary>
    public static IEnumerable<ApiRoute> OfSwarm(IEnumerable<ApiRoute> routes, RouteScope reads = RouteScope.Swarm, RouteScope writes = RouteScope.Leader) =>
        routes.Select(route => new ApiRoute(route, route.Method is "GET" or "HEAD" ? reads : writes));

    /// <summary>Matches the segments of a path and takes the values out of it.</summary>
    public bool TryMatch(string method, ReadOnlySpan<string> path, out Dictionary<string, string> values)
    {
        values = [];
        if (method != Method)
        {
            return false;
        }

        var at = 0;
        for (var i = 0; i < segments.Length; i++)
        {
            var segment = segments[i];
            if (segment[0] != '{')
            {
                if (at >= path.Length || path[at++] != segment)
                {
                    return false;
                }
            }
            else if (segment[^2] == '*')
            {
                var count = path.Length - at - (segments.Length - i - 1);
                if (count < 1)
                {
                    return false;
                }

                values[segment[1..^2]] = string.Join('/', path.Slice(at, count).ToArray());
                at += count;
            }
            else if (at < path.Length)
            {
                values[segment[1..^1]] = path[at++];
            }
            else
            {
                return false;
            }
        }

        return at == path.Length;
    }
}
