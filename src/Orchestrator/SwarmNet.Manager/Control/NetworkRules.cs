using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Control;

/// <summary>What kinds of networks there are in a swarm.</summary>
internal static class NetworkRules
{
    /// <summary>Marks the swarm's objects for the networks that every engine has (bridge, host).</summary>
    public const string PredefinedLabel = "com.docker.swarm.predefined";

    /// <summary>Marked the ingress network before Docker 17.05.</summary>
    public const string LegacyIngressLabel = "com.docker.swarm.internal";

    public static bool IsIngress(Network network) =>
        network.Spec.Ingress || network.Spec.Annotations.Labels.ContainsKey(LegacyIngressLabel);

    public static bool IsPredefined(Network network) => network.Spec.Annotations.Labels.ContainsKey(PredefinedLabel);

    /// <summary>The driver by name; a network without one is an overlay.</summary>
    public static string DriverName(NetworkSpec spec) =>
        string.IsNullOrEmpty(spec.DriverConfig?.Name) ? "overlay" : spec.DriverConfig.Name;

    /// <summary>True when nodes need no addresses from the manager for it.</summary>
    public static bool IsNodeLocal(Network network) => DriverName(network.Spec) != "overlay";

    public static Network? FindIngress(StoreView view) => view.Networks.All.FirstOrDefault(IsIngress);

    public static bool HasIngressPort(ServiceSpec spec) =>
        spec.Endpoint?.Ports.Any(port => port.PublishMode == PublishMode.Ingress) ?? false;

    /// <summary>The user networks of a task: those of its own specification, or (old clients) of the service.</summary>
    public static IReadOnlyList<NetworkAttachmentConfig> Attachments(ServiceSpec spec) =>
        spec.Task is { Networks.Count: > 0 } ? spec.Task.Networks : spec.Networks;
}
