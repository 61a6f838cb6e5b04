using SwarmNet.Ca;
using SwarmNet.EngineApi.Http;
using SwarmNet.EngineApi.Json;
using SwarmNet.EngineApi.Mapping;
using SwarmNet.Manager.AtRest;
using SwarmNet.Manager.Control;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Swarm;

/// <summary>The routes under <c>/swarm</c>: this node's membership, and the cluster object.</summary>
internal sealed class SwarmRoutes(ISwarmNode node, Func<ClusterAccess> cluster)
{
    public IEnumerable<ApiRoute> All =>
    [
        .. ApiRoute.OfSwarm(
        [
            new("GET", "/swarm", InspectAsync),
            new("POST", "/swarm/update", UpdateAsync),
            new("GET", "/swarm/unlockkey", UnlockKeyAsync),
        ]),
        new("POST", "/swarm/init", InitAsync),
        new("POST", "/swarm/join", JoinAsync),
        new("POST", "/swarm/leave", LeaveAsync),
        new("POST", "/swarm/unlock", UnlockAsync),
    ];

    private Task InspectAsync(ApiRequest request)
    {
        var swarm = Cluster(cluster());
        return request.WriteJsonAsync(200, json =>
        {
            json.WriteStartObject();
            ClusterJson.WriteMembers(json, swarm, ClusterTls.Of(swarm), withTokens: true);
            json.WriteEndObject();
        });
    }

    private async Task InitAsync(ApiRequest request)
    {
        var body = await request.ReadObjectAsync("InitRequest");
        var autoLock = body.Bool("AutoLockManagers");
        var spec = ClusterSpecJson.Read(body.Object("Spec", "Spec"), ClusterSpecJson.Defaults());
        spec.EncryptionConfig.AutoLockManagers |= autoLock;
        var init = new SwarmInit(
            ListenAddress(body),
            body.String("AdvertiseAddr"),
            body.String("DataPathAddr"),
            DataPathPort(body.UInt32("DataPathPort")),
            body.Bool("ForceNewCluster"),
            spec.EncryptionConfig.AutoLockManagers,
            Availability(body),
            body.Strings("DefaultAddrPool"),
            body.UInt32("SubnetSize"),
            spec);
        var id = await node.InitAsync(init, request.Aborted);
        await request.WriteJsonAsync(200, json => json.WriteStringValue(id));
    }

    private async Task JoinAsync(ApiRequest request)
    {
        var body = await request.ReadObjectAsync("JoinRequest");
        var join = new SwarmJoin(
            ListenAddress(body),
            body.String("AdvertiseAddr"),
            body.String("DataPathAddr"),
            body.Strings("RemoteAddrs"),
            body.String("JoinToken"),
            Availability(body));
        if (join.RemoteAddrs.Count == 0)
        {
            throw new ApiException(400, "at least 1 RemoteAddr is required to join");
        }

        await node.JoinAsync(join, request.Aborted);
        await request.WriteEmptyAsync(200);
    }

    private async Task LeaveAsync(ApiRequest request)
    {
        // Leaving must not stop half-way because the client went away.
        await node.LeaveAsync(request.QueryFlag("force"), CancellationToken.None);
        await request.WriteEmptyAsync(200);
    }

    private async Task UpdateAsync(ApiRequest request)
    {
        var body = await request.ReadObjectAsync("Spec");
        var version = request.ObjectVersion("swarm");
        var rotation = new ClusterRotation(
            request.QueryFlag("rotateWorkerToken"), request.QueryFlag("rotateManagerToken"), request.QueryFlag("rotateManagerUnlockKey"));
        var spec = ClusterSpecJson.Read(body, new ClusterSpec());
        if (spec.Annotations.Name.Length == 0)
        {
            spec.Annotations.Name = "default";
        }

        if (spec.Annotations.Name != "default")
        {
            throw new ApiException(400, "swarm spec must be named \"default\"");
        }

        await cluster().Control.UpdateClusterAsync(null, version, spec, rotation, request.Aborted);
        await request.WriteEmptyAsync(200);
    }

    private Task UnlockKeyAsync(ApiRequest request)
    {
        var swarm = Cluster(cluster());
        return request.WriteJsonAsync(200, json =>
        {
            json.WriteStartObject();
            json.WriteString("UnlockKey", ClusterLock.KeyOf(swarm)?.ToString() ?? "");
            json.WriteEndObject();
        });
    }

    private async Task UnlockAsync(ApiRequest request)
    {
        var body = await request.ReadObjectAsync("UnlockRequest");
        switch (node.Status.State)
        {
            case LocalNodeState.Locked:
                break;
            case LocalNodeState.Inactive:
                throw new ApiException(503, SwarmTexts.NotInSwarm);
            default:
                _ = cluster();
                throw new ApiException(409, SwarmTexts.NotLocked);
        }

        if (!UnlockKey.TryParse(body.String("UnlockKey"), out var key))
        {
            throw new ApiException(400, SwarmTexts.NoUnlockKey);
        }

        // Once begun, it goes on when the client goes away.
        await node.UnlockAsync(key, CancellationToken.None);
        await request.WriteEmptyAsync(200);
    }

    private static Cluster Cluster(ClusterAccess access) => access.View.Cluster ?? throw new ApiException(503, SwarmTexts.Starting);

    private static string ListenAddress(GoObject body) => body.String("ListenAddr") is { Length: > 0 } address
        ? address
        : throw new ApiException(400, "invalid ListenAddr \"\": invalid empty address");

    private static uint DataPathPort(uint port) => port is 0 or (>= 1024 and <= 49151)
        ? port
        : throw new ApiException(400, $"Datapath port number is not in valid range (1024-49151) : {port}");

    private static NodeAvailability Availability(GoObject body) => body.String("Availability") switch
    {
        "" => NodeAvailability.Active,
        var word => Words.ParseAvailability(word) ?? throw new ApiException(400, $"invalid Availability: \"{word}\""),
    };
}
