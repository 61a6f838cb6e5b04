namespace SwarmNet.Overlay.Repairs;

/// <summary>Something that the kernel had differently from what was wanted, and that was put right.</summary>
/// <param name="Subject">The kernel object, for example "chain prerouting of table ip swarmnet_balancer".</param>
/// <param name="Difference">What was wrong with it, for example "is missing" or "had other rules".</param>
public sealed record Repair(string Subject, string Difference)
{
    /// <summary>What sort of object it is, by which repairs are counted: the first word of <see cref="Subject"/>.</summary>
    public string Kind => Subject.Split(' ')[0];

    /// <inheritdoc/>
    public override string ToString() => $"{Subject} {Difference}";
}
