using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Control;

public sealed partial class ControlApi
{
    /// <summary>Creates a network; subnet and VNI are allocated afterwards. The stored object.</summary>
    public Task<Network> CreateNetworkAsync(NetworkSpec spec, CancellationToken cancellationToken)
    {
        NetworkValidator.Check(spec);
        return WriteAsync(
            transaction =>
            {
                if (spec.Ingress && NetworkRules.FindIngress(transaction.View) is { } ingress)
                {
                    throw Refuse.Exists($"ingress network ({ingress.Id}) is already present");
                }

                NetworkValidator.CheckOverlap(transaction.View, spec);
                var network = new Network { Id = Identifiers.New(), Spec = spec.Clone() };
                transaction.Create(network);
                return network;
            },
            cancellationToken);
    }

    /// <summary>Removes a network that nothing uses. The removed object.</summary>
    public Task<Network> RemoveNetworkAsync(string id, CancellationToken cancellationToken) => WriteAsync(
        transaction =>
        {
            var view = transaction.View;
            var network = view.Networks.Get(id) ?? throw Refuse.NotFound($"network {id} not found");
            if (NetworkRules.IsPredefined(network))
            {
                throw Refuse.Precondition(
                    $"network {network.Spec.Annotations.Name} ({id}) is a swarm predefined network and cannot be removed");
            }

            if (NetworkRules.IsIngress(network))
            {
                CheckIngressUnused(view);
            }
            else
            {
                CheckUnused(view, id);
            }

            transaction.Remove(network);
            return network;
        },
        cancellationToken);

    private static void CheckIngressUnused(StoreView view)
    {
        if (view.Services.All.FirstOrDefault(service => NetworkRules.HasIngressPort(service.Spec)) is { } service)
        {
            throw Refuse.Precondition($"ingress network cannot be removed because service {service.Id} depends on it");
        }
    }

    private static void CheckUnused(StoreView view, string id)
    {
        foreach (var service in view.Services.All)
        {
            if (NetworkRules.Attachments(service.Spec).Any(attachment => attachment.Target == id))
            {
                throw Refuse.Precondition($"network {id} is in use by service {service.Id}");
            }
        }

        foreach (var task in view.Tasks.All)
        {
            var mayRun = task.DesiredState <= TaskState.Running && task.Status.State <= TaskState.Running;
            if (mayRun && task.Networks.Any(attachment => attachment.Network.Id == id))
            {
                throw Refuse.Precondition($"network {id} is in use by task {task.Id}");
            }
        }
    }
}
