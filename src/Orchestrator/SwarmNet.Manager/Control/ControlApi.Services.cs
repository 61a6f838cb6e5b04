using Google.Protobuf.WellKnownTypes;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Control;

public sealed partial class ControlApi
{
    /// <summary>Creates a service; the stored object.</summary>
    public Task<Service> CreateServiceAsync(ServiceSpec spec, CancellationToken cancellationToken)
    {
        ServiceValidator.Check(spec);
        return WriteAsync(
            transaction =>
            {
                CheckAgainstCluster(transaction.View, spec, serviceId: string.Empty);
                var service = new Service { Id = Identifiers.New(), Spec = spec.Clone(), SpecVersion = new Protocol.Version() };
                if (IsJob(spec))
                {
                    service.JobStatus = new JobStatus { JobIteration = new Protocol.Version(), LastExecution = transaction.Now };
                }

                transaction.Create(service);
                return service;
            },
            cancellationToken);
    }

    /// <summary>
    /// Replaces the specification of a service, or goes back to the previous one. <paramref name="version"/> is the version that the
    /// caller has read; a stale one is refused. The stored object.
    /// </summary>
    public Task<Service> UpdateServiceAsync(
        string id, ulong version, ServiceSpec spec, RollbackMode rollback, CancellationToken cancellationToken)
    {
        if (rollback == RollbackMode.None)
        {
            ServiceValidator.Check(spec);
        }

        return WriteAsync(
            transaction =>
            {
                var current = transaction.View.Services.Get(id) ?? throw Refuse.NotFound($"service {id} not found");
                var service = AtVersion(current.Clone(), version);
                if (rollback == RollbackMode.Previous)
                {
                    SwapSpecs(service, transaction.Now);
                    CheckAgainstCluster(transaction.View, service.Spec, id);
                }
                else
                {
                    CheckChange(current.Spec, spec);
                    CheckAgainstCluster(transaction.View, spec, id);
                    ReplaceSpec(service, spec, version);
                }

                if (IsJob(service.Spec))
                {
                    service.JobStatus = new JobStatus
                    {
                        JobIteration = new Protocol.Version { Index = (current.JobStatus?.JobIteration?.Index ?? 0) + 1 },
                        LastExecution = transaction.Now,
                    };
                }

                transaction.Update(service);
                return service;
            },
            cancellationToken);
    }

    /// <summary>Removes a service; its tasks are stopped and removed afterwards. The removed object.</summary>
    public Task<Service> RemoveServiceAsync(string id, CancellationToken cancellationToken) => WriteAsync(
        transaction =>
        {
            var service = transaction.View.Services.Get(id) ?? throw Refuse.NotFound($"service {id} not found");
            transaction.Remove(service);
            return service;
        },
        cancellationToken);

    private static bool IsJob(ServiceSpec spec) =>
        spec.ModeCase is ServiceSpec.ModeOneofCase.ReplicatedJob or ServiceSpec.ModeOneofCase.GlobalJob;

    private static void ReplaceSpec(Service service, ServiceSpec spec, ulong version)
    {
        service.PreviousSpec = service.Spec;
        service.PreviousSpecVersion = service.SpecVersion;
        service.Spec = spec.Clone();
        service.SpecVersion = new Protocol.Version { Index = version };
        service.UpdateStatus = null;
    }

    private static void SwapSpecs(Service service, Timestamp now)
    {
        if (service.PreviousSpec is null)
        {
            throw Refuse.Precondition($"service {service.Id} does not have a previous spec");
        }

        (service.Spec, service.PreviousSpec) = (service.PreviousSpec, service.Spec);
        (service.SpecVersion, service.PreviousSpecVersion) = (service.PreviousSpecVersion, service.SpecVersion);
        service.UpdateStatus = new UpdateStatus
        {
            State = UpdateStatus.Types.UpdateState.UpdateRollbackStarted,
            Message = "manually requested rollback",
            StartedAt = now,
        };
    }

    private static void CheckChange(ServiceSpec before, ServiceSpec after)
    {
        var networksMoved = before.Networks.Count > 0 || after.Networks.Count > 0;
        if (networksMoved && !before.Networks.Equals(after.Networks) && after.Task.Networks.Count == 0)
        {
            throw Refuse.Unimplemented("networks must be migrated to TaskSpec before being changed");
        }

        if (before.ModeCase != after.ModeCase)
        {
            throw Refuse.Unimplemented("service mode change is not allowed");
        }

        if (before.Annotations.Name != after.Annotations.Name)
        {
            throw Refuse.Unimplemented("renaming services is not supported");
        }
    }

    private static void CheckAgainstCluster(StoreView view, ServiceSpec spec, string serviceId)
    {
        foreach (var attachment in spec.Task.Networks.Concat(spec.Networks))
        {
            var network = view.Networks.Get(attachment.Target) ?? throw Refuse.NotFound($"network {attachment.Target} not found");
            if (NetworkRules.IsIngress(network))
            {
                throw Refuse.Invalid(
                    $"Service cannot be explicitly attached to the ingress network \"{network.Spec.Annotations.Name}\"");
            }
        }

        PortConflicts.Check(view, spec.Endpoint, serviceId);
        if (NetworkRules.HasIngressPort(spec) && NetworkRules.FindIngress(view) is null)
        {
            throw Refuse.Precondition("service needs ingress network, but no ingress network is present");
        }

        ReferenceValidator.CheckTargetsExist(view, spec.Task.Container);
    }
}
