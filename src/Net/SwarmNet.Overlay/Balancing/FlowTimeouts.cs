namespace SwarmNet.Overlay.Balancing;

/// <summary>
/// How long an idle flow is remembered; null = the namespace's setting (connection tracking: established TCP 5 days, UDP 120 seconds after
/// an answer). Applies to flows that begin after it was set.
/// </summary>
public sealed record FlowTimeouts
{
    /// <summary>Idle time of an established TCP connection; whole seconds.</summary>
    public TimeSpan? TcpEstablished { get; init; }

    /// <summary>Idle time of UDP flows, answered or not; whole seconds.</summary>
    public TimeSpan? Udp { get; init; }
}
