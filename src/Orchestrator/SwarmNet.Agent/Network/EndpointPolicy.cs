using System.Globalization;
using SwarmNet.Agent.Tasks;
using SwarmNet.Overlay.Balancing;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Network;

/// <summary>How an endpoint's service is balanced: what its labels ask for.</summary>
public sealed record EndpointPolicy
{
    /// <summary>Service label: <c>client-ip</c> = a client meets the same task each time.</summary>
    public const string AffinityLabel = "swarmnet.affinity";

    /// <summary>Service label: how long a client is remembered, for example <c>30m</c>.</summary>
    public const string AffinityTimeoutLabel = "swarmnet.affinity.timeout";

    /// <summary>Service or container label: share of new connections, 0 to 256.</summary>
    public const string WeightLabel = "swarmnet.weight";

    /// <summary>Service label: how long an idle TCP connection is kept.</summary>
    public const string TcpTimeoutLabel = "swarmnet.timeout.tcp";

    /// <summary>Service label: how long an idle UDP flow is kept.</summary>
    public const string UdpTimeoutLabel = "swarmnet.timeout.udp";

    private const int MaxWeight = 256;

    /// <summary>As a stock engine's endpoint: one share, no affinity, and clients of published ports appear as the entry node.</summary>
    public static EndpointPolicy Stock { get; } = new();

    /// <summary>Whether the endpoint answers through the node that was asked, so that clients may be shown with their own addresses.</summary>
    public bool ShowsSource { get; init; }

    /// <summary>Share of new flows.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Null = none.</summary>
    public ClientAffinity? Affinity { get; init; }

    /// <summary>Null = the node's.</summary>
    public FlowTimeouts? Timeouts { get; init; }

    /// <summary>What the labels of a task's service, and of its container, ask for.</summary>
    /// <exception cref="TaskException">A label makes no sense.</exception>
    internal static EndpointPolicy Of(SwarmTask task)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in (task.ServiceAnnotations?.Labels ?? []).Concat(task.Spec?.Container?.Labels ?? []))
        {
            labels[name] = value;
        }

        var affinityTimeout = Duration(labels, AffinityTimeoutLabel);
        var timeouts = new FlowTimeouts { TcpEstablished = Duration(labels, TcpTimeoutLabel), Udp = Duration(labels, UdpTimeoutLabel) };
        return new EndpointPolicy
        {
            Weight = WeightOf(labels),
            Affinity = IsSticky(labels) ? new ClientAffinity { Timeout = affinityTimeout } : null,
            Timeouts = timeouts == new FlowTimeouts() ? null : timeouts,
        };
    }

    private static bool IsSticky(Dictionary<string, string> labels) => labels.GetValueOrDefault(AffinityLabel, "none") switch
    {
        "none" => false,
        "client-ip" => true,
        var other => throw new TaskException($"label {AffinityLabel}={other} is not known: it must be \"client-ip\" or \"none\""),
    };

    private static int WeightOf(Dictionary<string, string> labels)
    {
        var text = labels.GetValueOrDefault(WeightLabel, "1");
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var weight) && weight <= MaxWeight
            ? weight
            : throw new TaskException($"label {WeightLabel}={text} must be a whole number from 0 to {MaxWeight}");
    }

    private static TimeSpan? Duration(Dictionary<string, string> labels, string name)
    {
        if (!labels.TryGetValue(name, out var text))
        {
            return null;
        }

        var unit = text.Length > 0 ? text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, _ => 0 } : 0;
        return unit > 0 && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0 && count <= int.MaxValue / unit
            ? TimeSpan.FromSeconds((double)count * unit)
            : throw new TaskException($"label {name}={text} must be a time such as 90s, 30m or 2h");
    }
}
