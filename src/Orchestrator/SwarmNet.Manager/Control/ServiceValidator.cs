using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using SwarmNet.Manager.Scheduler;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Control;

/// <summary>What a service specification must be by itself, whatever else the cluster holds.</summary>
internal static class ServiceValidator
{
    private const long MinMemoryBytes = 4 * 1024 * 1024;
    private const long MinNanoCpus = 1_000_000;

    public static void Check(ServiceSpec spec)
    {
        NameRules.CheckDnsName(spec.Annotations);
        CheckTask(spec.Task ?? new TaskSpec());
        CheckMode(spec);
        CheckUpdate(spec.Update);
        CheckEndpoint(spec.Endpoint);
        if (spec.Task?.Container is { } container)
        {
            ReferenceValidator.CheckSecrets(container);
            ReferenceValidator.CheckConfigs(container);
        }
    }

    private static void CheckTask(TaskSpec task)
    {
        CheckResources(task.Resources?.Limits);
        CheckResources(task.Resources?.Reservations);
        CheckNotNegative(task.Restart?.Delay, "TaskSpec: restart-delay cannot be negative");
        CheckNotNegative(task.Restart?.Window, "TaskSpec: restart-window cannot be negative");
        if (!Constraint.TryParse(task.Placement?.Constraints ?? [], out _, out var error))
        {
            throw Refuse.Unknown(error);
        }

        switch (task.RuntimeCase)
        {
            case TaskSpec.RuntimeOneofCase.Container:
                ContainerValidator.Check(task.Container);
                break;
            case TaskSpec.RuntimeOneofCase.Attachment or TaskSpec.RuntimeOneofCase.Generic:
                throw Refuse.Unimplemented("RuntimeSpec: unimplemented runtime in service spec");
            default:
                throw Refuse.Invalid("TaskSpec: missing runtime");
        }
    }

    private static void CheckResources(Resources? resources)
    {
        if (resources is null)
        {
            return;
        }

        if (resources.NanoCpus != 0 && resources.NanoCpus < MinNanoCpus)
        {
            // Go's %g: shortest form, exponent in lower case.
            var cpus = (resources.NanoCpus / 1e9).ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e');
            throw Refuse.Invalid($"invalid cpu value {cpus}: Must be at least 0.001");
        }

        if (resources.MemoryBytes != 0 && resources.MemoryBytes < MinMemoryBytes)
        {
            throw Refuse.Invalid($"invalid memory value {resources.MemoryBytes}: Must be at least 4MiB");
        }
    }

    private static void CheckMode(ServiceSpec spec)
    {
        switch (spec.ModeCase)
        {
            case ServiceSpec.ModeOneofCase.Replicated:
                // Counts are unsigned on the wire; Docker takes them as signed.
                if ((long)spec.Replicated.Replicas < 0)
                {
                    throw Refuse.Invalid("Number of replicas must be non-negative");
                }

                break;
            case ServiceSpec.ModeOneofCase.ReplicatedJob:
                if ((long)spec.ReplicatedJob.MaxConcurrent < 0)
                {
                    throw Refuse.Invalid("Maximum concurrent jobs must not be negative");
                }

                if ((long)spec.ReplicatedJob.TotalCompletions < 0)
                {
                    throw Refuse.Invalid("Total completed jobs must not be negative");
                }

                break;
            case ServiceSpec.ModeOneofCase.Global or ServiceSpec.ModeOneofCase.GlobalJob:
                break;
            default:
                throw Refuse.Invalid("Unrecognized service mode");
        }

        if (spec.ModeCase is ServiceSpec.ModeOneofCase.ReplicatedJob or ServiceSpec.ModeOneofCase.GlobalJob && spec.Update is not null)
        {
            throw Refuse.Invalid("Jobs may not have an update config");
        }
    }

    private static void CheckUpdate(UpdateConfig? update)
    {
        if (update is null)
        {
            return;
        }

        CheckNotNegative(update.Delay, "TaskSpec: update-delay cannot be negative");
        CheckNotNegative(update.Monitor, "TaskSpec: update-monitor cannot be negative");
        if (update.MaxFailureRatio is not (>= 0 and <= 1))
        {
            throw Refuse.Invalid("TaskSpec: update-maxfailureratio cannot be less than 0 or bigger than 1");
        }
    }

    private static void CheckEndpoint(EndpointSpec? endpoint)
    {
        if (endpoint is null)
        {
            return;
        }

        if (endpoint.Mode == EndpointResolutionMode.Dnsrr && endpoint.Ports.Any(port => port.PublishMode == PublishMode.Ingress))
        {
            throw Refuse.Invalid("EndpointSpec: port published with ingress mode can't be used with dnsrr mode");
        }

        HashSet<(uint, PortProtocol)> seen = [];
        foreach (var port in endpoint.Ports.Where(port => port.PublishedPort != 0))
        {
            if (!seen.Add((port.PublishedPort, port.Protocol)))
            {
                throw Refuse.Invalid("EndpointSpec: duplicate published ports provided");
            }
        }
    }

    private static void CheckNotNegative(Duration? duration, string text)
    {
        if (duration is not null && (duration.Seconds < 0 || duration.Nanos < 0))
        {
            throw Refuse.Invalid(text);
        }
    }
}
