using System.Text;

namespace SwarmNet.Netlink.Ipvs;

/// <summary>How a service chooses the destination of a new connection (ipvsadm(8) --scheduler): the name of a kernel module <c>ip_vs_NAME</c>.</summary>
/// <param name="Name">The name, at most 15 bytes.</param>
public readonly record struct IpvsScheduler(string Name)
{
    // What is read as one of these allocates nothing.
    private static readonly (byte[] Bytes, IpvsScheduler Scheduler)[] _known =
    [
        .. new[] { "rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "mh", "sed", "nq", "fo", "ovf", "twos", "none" }
            .Select(static name => (Encoding.ASCII.GetBytes(name), new IpvsScheduler(name))),
    ];

    /// <summary>rr: one after another.</summary>
    public static IpvsScheduler RoundRobin => Known(0);

    /// <summary>wrr: one after another, as often as their weights say.</summary>
    public static IpvsScheduler WeightedRoundRobin => Known(1);

    /// <summary>lc: fewest connections.</summary>
    public static IpvsScheduler LeastConnection => Known(2);

    /// <summary>wlc: fewest connections for its weight.</summary>
    public static IpvsScheduler WeightedLeastConnection => Known(3);

    /// <summary>lblc: by destination address, with least connections as the way out of overload.</summary>
    public static IpvsScheduler LocalityLeastConnection => Known(4);

    /// <summary>lblcr: as lblc, over a set of servers for each address.</summary>
    public static IpvsScheduler LocalityLeastConnectionReplicated => Known(5);

    /// <summary>dh: hash of the destination address.</summary>
    public static IpvsScheduler DestinationHash => Known(6);

    /// <summary>sh: hash of the source address.</summary>
    public static IpvsScheduler SourceHash => Known(7);

    /// <summary>mh: hash of the source address over Maglev's table: few clients move when a destination comes or goes. Linux 4.18.</summary>
    public static IpvsScheduler MaglevHash => Known(8);

    /// <summary>sed: shortest expected delay.</summary>
    public static IpvsScheduler ShortestExpectedDelay => Known(9);

    /// <summary>nq: an idle one, else shortest expected delay.</summary>
    public static IpvsScheduler NeverQueue => Known(10);

    /// <summary>fo: the one of the highest weight.</summary>
    public static IpvsScheduler WeightedFailover => Known(11);

    /// <summary>ovf: the one of the highest weight, until it has as many connections as its weight. Linux 4.3.</summary>
    public static IpvsScheduler WeightedOverflow => Known(12);

    /// <summary>twos: the less loaded of two random ones. Linux 5.13.</summary>
    public static IpvsScheduler PowerOfTwo => Known(13);

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    internal static IpvsScheduler Read(ReadOnlySpan<byte> name)
    {
        foreach ((byte[] bytes, IpvsScheduler scheduler) in _known)
        {
            if (name.SequenceEqual(bytes))
            {
                return scheduler;
            }
        }

        return new IpvsScheduler(Encoding.UTF8.GetString(name));
    }

    private static IpvsScheduler Known(int index) => _known[index].Scheduler;
}
