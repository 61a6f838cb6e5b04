using SwarmNet.Protocol;

namespace SwarmNet.Manager.Scheduler;

/// <summary>One reason for which a node may be refused (SwarmKit <c>manager/scheduler/filter.go</c>).</summary>
/// <param name="IsActive">Whether it applies to the task at all.</param>
/// <param name="Passes">Whether the node may have the task.</param>
/// <param name="Explain">Docker's text for a number of refused nodes.</param>
internal sealed record Filter(Func<SwarmTask, bool> IsActive, Func<SwarmTask, NodeInfo, bool> Passes, Func<int, string> Explain)
{
    /// <summary>All filters, in the order in which they are asked.</summary>
    public static IReadOnlyList<Filter> All { get; } =
    [
        new(_ => true, (_, node) => IsReady(node.Node), count => $"{Nodes(count)} not available for new tasks"),
        new(HasReservations, HasResources, count => $"insufficient resources on {Nodes(count)}"),
        new(_ => true, HasPlugins, count => $"missing plugin on {Nodes(count)}"),
        new(task => task.Spec.Placement is { Constraints.Count: > 0 }, MeetsConstraints,
            count => $"scheduling constraints not satisfied on {Nodes(count)}"),
        new(task => task.Spec.Placement is { Platforms.Count: > 0 }, HasPlatform, count => $"unsupported platform on {Nodes(count)}"),
        new(task => NodeInfo.HostPorts(task).Any(), HasHostPorts, count => $"host-mode port already in use on {Nodes(count)}"),
        new(task => task.Spec.Placement is { MaxReplicas: > 0 }, IsBelowMaxReplicas, _ => "max replicas per node limit exceed"),
    ];

    public static bool IsReady(Node node) =>
        node.Status?.State == NodeState.Ready && (node.Spec?.Availability ?? NodeAvailability.Active) == NodeAvailability.Active;

    private static string Nodes(int count) => count == 1 ? "1 node" : $"{count} nodes";

    private static bool HasReservations(SwarmTask task) =>
        task.Spec.Resources?.Reservations is { } wanted && (wanted.NanoCpus != 0 || wanted.MemoryBytes != 0 || wanted.Generic.Count > 0);

    private static bool HasResources(SwarmTask task, NodeInfo node)
    {
        var wanted = task.Spec.Resources.Reservations;
        return wanted.NanoCpus <= node.AvailableNanoCpus
            && wanted.MemoryBytes <= node.AvailableMemoryBytes
            && (wanted.Generic.Count == 0 || node.Generic.TryPick(node.Node, wanted.Generic) is not null);
    }

    private static bool HasPlugins(SwarmTask task, NodeInfo node)
    {
        if (node.Node.Description?.Engine is not { } engine)
        {
            return true;
        }

        foreach (var mount in task.Spec.Container?.Mounts ?? [])
        {
            if (mount.Type == Mount.Types.MountType.Volume
                && mount.VolumeOptions?.DriverConfig?.Name is not (null or "" or "local")
                && !HasPlugin(engine, "Volume", mount.VolumeOptions.DriverConfig.Name))
            {
                return false;
            }
        }

        foreach (var attachment in task.Networks)
        {
            if (attachment.Network?.DriverState is { Name.Length: > 0 } driver && !HasPlugin(engine, "Network", driver.Name))
            {
                return false;
            }
        }

        // A node that lists no log plugins at all is of an engine that does not tell.
        return task.LogDriver is not { Name: not ("" or "none") } logDriver
            || !engine.Plugins.Any(plugin => plugin.Type == "Log")
            || HasPlugin(engine, "Log", logDriver.Name);
    }

    private static bool HasPlugin(EngineDescription engine, string type, string name) =>
        engine.Plugins.Any(plugin => plugin.Type == type && (plugin.Name == name || plugin.Name == name + ":latest"));

    private static bool MeetsConstraints(SwarmTask task, NodeInfo node) =>
        Constraint.TryParse(task.Spec.Placement.Constraints, out var constraints, out _) && Constraint.AllMatch(constraints, node.Node);

    private static bool HasPlatform(SwarmTask task, NodeInfo node)
    {
        var platform = node.Node.Description?.Platform;
        return platform is not null && task.Spec.Placement.Platforms.Any(wanted =>
            (wanted.Os.Length == 0 || wanted.Os == platform.Os)
            && (wanted.Architecture.Length == 0 || Normalize(wanted.Architecture) == Normalize(platform.Architecture)));
    }

    private static string Normalize(string architecture) => architecture switch
    {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        _ => architecture,
    };

    private static bool HasHostPorts(SwarmTask task, NodeInfo node) => !NodeInfo.HostPorts(task).Any(node.IsHostPortUsed);

    private static bool IsBelowMaxReplicas(SwarmTask task, NodeInfo node) =>
        (ulong)node.ActiveTasksOf(task.ServiceId) < task.Spec.Placement.MaxReplicas;
}
