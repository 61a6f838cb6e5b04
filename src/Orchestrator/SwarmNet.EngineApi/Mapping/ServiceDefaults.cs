using Google.Protobuf.WellKnownTypes;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Mapping;

/// <summary>The values that apply where a service says nothing (SwarmKit <c>api/defaults</c>): shown on request, never stored.</summary>
internal static class ServiceDefaults
{
    /// <summary>A copy of <paramref name="spec"/> with every unset field filled.</summary>
    public static ServiceSpec Apply(ServiceSpec spec)
    {
        var filled = spec.Clone();
        filled.Task ??= new TaskSpec();
        if (filled.Task.Container is { } container)
        {
            container.StopGracePeriod ??= Seconds(10);
            container.DnsConfig ??= new ContainerSpec.Types.DNSConfig();
        }

        filled.Task.Resources ??= new ResourceRequirements();
        filled.Task.Resources.Limits ??= new Resources();
        filled.Task.Resources.Reservations ??= new Resources();
        filled.Task.Restart ??= new RestartPolicy { Condition = RestartPolicy.Types.Condition.RestartOnAny };
        filled.Task.Restart.Delay ??= Seconds(5);
        filled.Task.Placement ??= new Placement();
        filled.Update = Fill(filled.Update);
        filled.Rollback = Fill(filled.Rollback);
        filled.Endpoint ??= new EndpointSpec();
        return filled;
    }

    private static UpdateConfig Fill(UpdateConfig? config)
    {
        config ??= new UpdateConfig { Parallelism = 1 };
        config.Monitor ??= Seconds(5);
        return config;
    }

    private static Duration Seconds(int seconds) => new() { Seconds = seconds };
}
