using SwarmNet.Grpc;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Health;

/// <summary>The Health service: whether a named part of this manager works.</summary>
internal static class HealthService
{
    /// <summary>Maps the method.</summary>
    /// <param name="server">Where.</param>
    /// <param name="isServing">State of a part by its name; null when there is no such part.</param>
    public static void Map(GrpcServer server, Func<string, bool?> isServing) => server.MapUnary(SwarmKitMethods.HealthCheck, (request, _) => Task.FromResult(
        new HealthCheckResponse
        {
            Status = isServing(request.Service) switch
            {
                true => HealthCheckResponse.Types.ServingStatus.Serving,
                false => HealthCheckResponse.Types.ServingStatus.NotServing,
                null => throw new RpcException(StatusCode.NotFound, $"unknown service {request.Service}"),
            },
        }));
}
