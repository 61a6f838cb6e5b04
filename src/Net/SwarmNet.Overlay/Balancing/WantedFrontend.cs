namespace SwarmNet.Overlay.Balancing;

/// <summary>What a frontend shall do with new flows.</summary>
/// <param name="Targets">Who serves, distinct by id.</param>
/// <param name="IsHashed">The client's address chooses the slot, instead of a counter.</param>
internal sealed record WantedFrontend(IReadOnlyList<WeightedTarget> Targets, bool IsHashed = false);
