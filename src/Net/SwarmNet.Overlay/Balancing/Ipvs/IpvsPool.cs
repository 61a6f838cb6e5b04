using SwarmNet.Netlink.Ipvs;

namespace SwarmNet.Overlay.Balancing.Ipvs;

/// <summary>One virtual service of the kernel's: how it chooses, and among whom.</summary>
/// <param name="Scheduler">How it chooses.</param>
/// <param name="PersistenceSeconds">How long it remembers a client; 0 = not at all.</param>
/// <param name="Weights">Weight by the backend's IPv4 address.</param>
internal sealed record IpvsPool(IpvsScheduler Scheduler, uint PersistenceSeconds, IReadOnlyDictionary<uint, int> Weights)
{
    /// <summary>The service as the kernel is told.</summary>
    public IpvsService ToService(uint mark) => new(IpvsServiceId.ByMark(mark), Scheduler)
    {
        PersistenceSeconds = PersistenceSeconds,

        // A drained backend keeps its place in Maglev's table; without this its clients were refused rather than sent to another.
        Flags = Scheduler == IpvsScheduler.MaglevHash ? IpvsServiceFlags.HashFallback : IpvsServiceFlags.None,
    };

    /// <summary>Whether both are chosen from in the same way, whoever there is.</summary>
    public bool ChoosesAs(IpvsPool other) => Scheduler == other.Scheduler && PersistenceSeconds == other.PersistenceSeconds;
}
