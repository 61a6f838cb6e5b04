using SwarmNet.Overlay.Repairs;

namespace SwarmNet.Overlay.Balancing;

/// <summary>
/// Virtual service addresses inside one network namespace, the client's own: flows to a virtual address are translated there,
/// before routing, to one of its backends, which sees the client's real address. There is no hop in between, and nobody has to
/// answer ARP for the virtual address. A client may be a backend of the service that it asks.
/// </summary>
/// <remarks>
/// <para>By level: <see cref="SetServices"/> takes everything that is wanted, and only what differs is sent, in an order in which no flow is
/// refused meanwhile. Of a backend's life this means:</para>
/// <list type="bullet">
/// <item>listed with a weight: takes its share of the new flows;</item>
/// <item>listed with weight 0: drained. TCP connections go on, UDP flows go to the others at once;</item>
/// <item>no longer listed: all its flows are forgotten, TCP too, so that clients are reset rather than left to wait for an answer.</item>
/// </list>
/// <para>The state is the kernel's: a new object over a namespace that an earlier one worked on goes on from what is there. Thread-safe.</para>
/// </remarks>
public interface IServiceBalancer : IDisposable
{
    /// <summary>By which means this one works.</summary>
    BalancerKind Kind { get; }

    /// <summary>
    /// Makes these, and only these, services reachable. The same services in the same order again cost nothing: no system call, no
    /// allocation. A call that fails changed nothing; where there are services of both address families, it may have changed those of one.
    /// </summary>
    /// <returns>Number of kernel entries that changed.</returns>
    /// <exception cref="ArgumentException">
    /// A virtual address is there twice, a backend is of another address family than its virtual address, a weight is negative, a timeout is not positive.
    /// </exception>
    int SetServices(IReadOnlyList<VirtualService> services);

    /// <summary>
    /// Compares the kernel with what was last set, objects and rules as well as entries, and puts right what somebody else changed. Before the
    /// first <see cref="SetServices"/> there is nothing to compare with.
    /// </summary>
    /// <param name="inspectOnly">Change nothing.</param>
    /// <returns>What was different; empty when all was well.</returns>
    IReadOnlyList<Repair> Repair(bool inspectOnly = false);

    /// <summary>Removes everything that this balancer made, without error when nothing is there. Needed only where the namespace lives on.</summary>
    void Delete();
}
