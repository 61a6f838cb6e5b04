namespace SwarmNet.Overlay.Balancing;

/// <summary>
/// A client, told by its source address, is served by the same backend each time. Which one is a pure function of the address
/// and of the set of backends, alike in every namespace and on every host; when a backend comes or goes, only the clients that it gets or had are moved.
/// </summary>
public sealed record ClientAffinity
{
    /// <summary>
    /// How long a client stays with its backend after its last new flow even when backends come; null or zero = it is not remembered, the function alone decides.
    /// A backend that leaves or is drained loses its clients in any case.
    /// </summary>
    public TimeSpan? Timeout { get; init; }
}
