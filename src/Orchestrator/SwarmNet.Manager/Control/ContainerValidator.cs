using Google.Protobuf.WellKnownTypes;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Control;

/// <summary>What a container specification must be by itself.</summary>
internal static class ContainerValidator
{
    public static void Check(ContainerSpec container)
    {
        if (container.Image.Length == 0)
        {
            throw Refuse.Invalid("ContainerSpec: image reference must be provided");
        }

        if (!ImageReference.IsValid(container.Image))
        {
            throw Refuse.Invalid($"ContainerSpec: {TemplateChecker.Quote(container.Image)} is not a valid repository/tag");
        }

        HashSet<string> targets = new(StringComparer.Ordinal);
        foreach (var mount in container.Mounts)
        {
            if (!targets.Add(mount.Target))
            {
                throw Refuse.Invalid($"ContainerSpec: duplicate mount point: {mount.Target}");
            }
        }

        if (container.Mounts.FirstOrDefault(mount => mount.Type == Mount.Types.MountType.Cluster) is { } cluster)
        {
            throw Refuse.Unimplemented($"ContainerSpec: cluster volumes are not supported by this version: mount {cluster.Target} as a volume");
        }

        CheckHealth(container.Healthcheck);
        CheckTemplates(container);
    }

    private static void CheckHealth(HealthConfig? health)
    {
        if (health is null)
        {
            return;
        }

        CheckLongEnough(health.Interval, "Interval");
        CheckLongEnough(health.Timeout, "Timeout");
        CheckLongEnough(health.StartPeriod, "StartPeriod");
        CheckLongEnough(health.StartInterval, "StartInterval");
        if (health.Retries < 0)
        {
            throw Refuse.Invalid("ContainerSpec: Retries in HealthConfig cannot be negative");
        }
    }

    private static void CheckLongEnough(Duration? duration, string name)
    {
        // In nanoseconds: a TimeSpan cannot tell the smallest ones from zero.
        if (duration is not (null or { Seconds: 0, Nanos: 0 }) && duration.Seconds <= 0 && duration.Nanos < 1_000_000)
        {
            throw Refuse.Invalid($"ContainerSpec: {name} in HealthConfig cannot be less than 1ms");
        }
    }

    private static void CheckTemplates(ContainerSpec container)
    {
        foreach (var variable in container.Env)
        {
            // Only the value is a template.
            var equals = variable.IndexOf('=', StringComparison.Ordinal);
            if (equals >= 0 && TemplateChecker.Check(variable[(equals + 1)..]) is { } error)
            {
                throw Refuse.Invalid($"expanding env failed: expanding env {TemplateChecker.Quote(variable)}: {error}");
            }
        }

        foreach (var mount in container.Mounts)
        {
            if (TemplateChecker.Check(mount.Source) is { } sourceError)
            {
                throw Refuse.Invalid(
                    $"expanding mounts failed: expanding mount source {TemplateChecker.Quote(mount.Source)}: {sourceError}");
            }

            if (TemplateChecker.Check(mount.Target) is { } targetError)
            {
                throw Refuse.Invalid(
                    $"expanding mounts failed: expanding mount target {TemplateChecker.Quote(mount.Target)}: {targetError}");
            }
        }

        if (TemplateChecker.Check(container.Hostname) is { } hostError)
        {
            throw Refuse.Invalid($"expanding hostname failed: {hostError}");
        }
    }
}
