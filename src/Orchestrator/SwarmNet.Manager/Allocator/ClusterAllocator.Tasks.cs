using SwarmNet.Manager.Control;
using SwarmNet.Manager.Reconcile;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Allocator;

internal sealed partial class ClusterAllocator
{
    // The live tasks that hold addresses or take part in networks.
    private readonly Dictionary<string, SwarmTask> _tasks = new(StringComparer.Ordinal);

    // Objects that wait for a network or a service to be allocated, by its id.
    private readonly Dictionary<string, HashSet<(SortedSet<string> Queue, string Id)>> _waiting = new(StringComparer.Ordinal);

    // Why a service could not be allocated; its tasks say so.
    private readonly Dictionary<string, string> _serviceErrors = new(StringComparer.Ordinal);

    private void ObserveTask(SwarmTask? before, SwarmTask? after)
    {
        var id = (after ?? before)!.Id;
        _tasks.Remove(id, out var held);
        if (after is not null && !after.IsDead())
        {
            _tasks[id] = after;
            foreach (var attachment in after.Networks)
            {
                foreach (var address in attachment.Addresses)
                {
                    _networks.GetValueOrDefault(attachment.Network.Id)?.TryReserve(address);
                }
            }

            if (after.Status.State == TaskState.New && after.DesiredState <= TaskState.Complete)
            {
                _pendingTasks.Add(id);
            }
        }

        if (held is not null && !_tasks.ContainsKey(id))
        {
            foreach (var attachment in held.Networks)
            {
                foreach (var address in attachment.Addresses)
                {
                    Release(attachment.Network.Id, address);
                }
            }
        }

        CountOnNode(held, _tasks.GetValueOrDefault(id));
    }

    /// <summary>Keeps track of which overlay networks each node takes part in.</summary>
    private void CountOnNode(SwarmTask? before, SwarmTask? after)
    {
        var sameNode = before?.NodeId == after?.NodeId;
        if (before is { NodeId.Length: > 0 } && !sameNode && _nodes.TryGetValue(before.NodeId, out var old))
        {
            foreach (var networkId in Overlays(before))
            {
                if (old.TasksByNetwork.TryGetValue(networkId, out var tasks) && tasks.Remove(before.Id) && tasks.Count == 0)
                {
                    old.TasksByNetwork.Remove(networkId);
                    _pendingNodes.Add(before.NodeId);
                }
            }
        }

        if (after is not { NodeId.Length: > 0 })
        {
            return;
        }

        var use = UseOf(after.NodeId);
        foreach (var networkId in Overlays(after))
        {
            if (!use.TasksByNetwork.TryGetValue(networkId, out var tasks))
            {
                use.TasksByNetwork[networkId] = tasks = new HashSet<string>(StringComparer.Ordinal);
                _pendingNodes.Add(after.NodeId);
            }

            tasks.Add(after.Id);
        }
    }

    private static IEnumerable<string> Overlays(SwarmTask task) =>
        task.Networks.Where(attachment => !NetworkRules.IsNodeLocal(attachment.Network)).Select(attachment => attachment.Network.Id);

    private void PlanTask(WriteBatch batch, StoreView view, string id)
    {
        if (view.Tasks.Get(id) is not { Status.State: TaskState.New } task || task.DesiredState > TaskState.Complete)
        {
            return;
        }

        var service = view.Services.Get(task.ServiceId);
        if (task.ServiceId.Length > 0 && (service is null || !IsAllocated(service)))
        {
            WaitFor(task.ServiceId, _pendingTasks, id);
            if (_serviceErrors.TryGetValue(task.ServiceId, out var reason))
            {
                Explain(batch, task, reason);
            }

            return;
        }

        var networks = WantedNetworks(task, service).ToList();
        if (networks.Find(wanted => !_nodeLocal.Contains(wanted.Target) && !_networks.ContainsKey(wanted.Target)) is { } missing)
        {
            WaitFor(missing.Target, _pendingTasks, id);
            Explain(batch, task, view.Networks.Get(missing.Target) is { } network
                ? $"network {network.Spec.Annotations.Name} has no subnet yet" : $"network {missing.Target} not found");
            return;
        }

        List<NetworkAttachment> attachments = [];
        foreach (var wanted in networks)
        {
            if (TryAttach(wanted, view.Networks.Get(wanted.Target), attachments) is { } error)
            {
                ReleaseAttachments(attachments);
                Stuck(_pendingTasks, id);
                Explain(batch, task, error);
                return;
            }
        }

        batch.Add(
            transaction => WriteTask(transaction, id, attachments),
            () =>
            {
                ReleaseAttachments(attachments);
                _pendingTasks.Add(id);
            });
    }

    private static bool WriteTask(StoreTransaction transaction, string id, List<NetworkAttachment> attachments)
    {
        if (transaction.View.Tasks.Get(id) is not { Status.State: TaskState.New } current)
        {
            return false;
        }

        var task = current.Clone();
        task.Networks.Clear();
        task.Networks.AddRange(attachments.Select(attachment => attachment.Clone()));
        if (transaction.View.Services.Get(task.ServiceId) is { } service)
        {
            task.Endpoint = service.Endpoint?.Clone();
        }

        task.Status.State = TaskState.Pending;
        task.Status.Message = "pending task scheduling";
        task.Status.Err = string.Empty;
        task.Status.Timestamp = transaction.Now;
        transaction.Update(task);
        return true;
    }

    /// <summary>The networks of a task: ingress first when its service publishes ports there, then its own.</summary>
    private IEnumerable<NetworkAttachmentConfig> WantedNetworks(SwarmTask task, Service? service)
    {
        var own = task.Spec.Networks.Count > 0 || service is null ? task.Spec.Networks : service.Spec.Networks;
        return service is not null && NetworkRules.HasIngressPort(service.Spec) && _ingressId is not null
            ? own.Prepend(new NetworkAttachmentConfig { Target = _ingressId })
            : own;
    }

    /// <summary>Adds an attachment with an address; the reason when there is none.</summary>
    private string? TryAttach(NetworkAttachmentConfig wanted, Network? network, List<NetworkAttachment> attachments)
    {
        if (network is null)
        {
            return $"network {wanted.Target} not found";
        }

        var attachment = new NetworkAttachment { Network = network };
        attachment.Aliases.AddRange(wanted.Aliases);
        attachment.DriverAttachmentOpts.Add(wanted.DriverAttachmentOpts);
        if (_networks.TryGetValue(network.Id, out var addresses))
        {
            // Only who attaches a container by hand may ask for an address.
            if (addresses.TryAllocate(wanted.Addresses) is not { } allocated)
            {
                return wanted.Addresses.Count == 0 ? $"no free address in network {network.Spec.Annotations.Name}"
                    : $"address {string.Join(" or ", wanted.Addresses)} of network {network.Spec.Annotations.Name} is taken, or in none of its subnets";
            }

            attachment.Addresses.AddRange(allocated);
        }

        attachments.Add(attachment);
        return null;
    }

    private void ReleaseAttachments(List<NetworkAttachment> attachments)
    {
        foreach (var attachment in attachments)
        {
            // Straight to the pool: giving back what was just taken brings nobody else nearer to an address.
            foreach (var address in attachment.Addresses)
            {
                _networks.GetValueOrDefault(attachment.Network.Id)?.Release(address);
            }
        }
    }

    /// <summary>A task that waits says why.</summary>
    private static void Explain(WriteBatch batch, SwarmTask task, string reason)
    {
        if (task.Status.Err == reason)
        {
            return;
        }

        batch.Add(
            transaction =>
            {
                if (transaction.View.Tasks.Get(task.Id) is { Status.State: TaskState.New } current)
                {
                    var explained = current.Clone();
                    explained.Status.Err = reason;
                    transaction.Update(explained);
                }

                return true;
            },
            static () => { });
    }

    private void WaitFor(string key, SortedSet<string> queue, string id)
    {
        if (!_waiting.TryGetValue(key, out var waiters))
        {
            _waiting[key] = waiters = [];
        }

        waiters.Add((queue, id));
    }

    private void WakeWaiting(string key)
    {
        if (_waiting.Remove(key, out var waiters))
        {
            foreach (var (queue, id) in waiters)
            {
                queue.Add(id);
            }
        }
    }
}
