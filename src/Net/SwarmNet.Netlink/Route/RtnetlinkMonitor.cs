using SwarmNet.Linux;
using static SwarmNet.Netlink.Route.RouteConstants;

namespace SwarmNet.Netlink.Route;

/// <summary>
/// Notifications about links, addresses, routes, rules, neighbours and forwarding entries of one namespace. To follow a table without
/// a gap: open the monitor, list the table through <see cref="Rtnetlink"/>, then read; list again after each
/// <see cref="RtnetlinkEventKind.Overrun"/>.
/// </summary>
public sealed class RtnetlinkMonitor : IDisposable
{
    private readonly NetlinkSubscription _subscription;

    private RtnetlinkMonitor(NetlinkSubscription subscription) => _subscription = subscription;

    /// <summary>How often notifications were lost so far.</summary>
    public long Overruns => _subscription.Overruns;

    /// <summary>Starts to listen in <paramref name="ns"/>, or in the namespace of the process.</summary>
    /// <param name="groups">What to listen to.</param>
    /// <param name="ns">The namespace; need not be kept open.</param>
    /// <param name="receiveBufferBytes">Size of the kernel's buffer, in which notifications wait for the reader.</param>
    public static RtnetlinkMonitor Open(RtnetlinkGroups groups, NetworkNamespace? ns = null, int receiveBufferBytes = 1024 * 1024)
    {
        var numbers = new List<int>();
        Add(RtnetlinkGroups.Link, RTNLGRP_LINK);
        Add(RtnetlinkGroups.Address, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR);
        Add(RtnetlinkGroups.Route, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE);
        Add(RtnetlinkGroups.Rule, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE);
        Add(RtnetlinkGroups.Neighbour, RTNLGRP_NEIGH);
        return new RtnetlinkMonitor(NetlinkSubscription.Open(Libc.NETLINK_ROUTE, numbers.ToArray(), ns, receiveBufferBytes));

        void Add(RtnetlinkGroups group, params ReadOnlySpan<int> ofGroup)
        {
            if ((groups & group) != 0)
            {
                numbers.AddRange(ofGroup);
            }
        }
    }

    /// <summary>The events, in the order of the kernel, until <paramref name="cancellationToken"/> or <see cref="Dispose"/>. One reader at a time.</summary>
    public IAsyncEnumerable<RtnetlinkEvent> ReadAllAsync(CancellationToken cancellationToken = default) =>
        _subscription.ReadAllAsync<RtnetlinkEvent>(RtnetlinkEvent.TryParse, RtnetlinkEvent.Overrun, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _subscription.Dispose();
}
