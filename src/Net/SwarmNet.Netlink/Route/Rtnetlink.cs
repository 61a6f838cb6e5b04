using System.Net;
using SwarmNet.Linux;
using static SwarmNet.Netlink.Route.RouteConstants;

namespace SwarmNet.Netlink.Route;

/// <summary>
/// Links, addresses, routes, rules, neighbours and forwarding entries of one namespace (rtnetlink(7)). Changes go through an
/// <see cref="RtnetlinkBatch"/>; listings are typed records. Thread-safe; calls take microseconds and block that long.
/// </summary>
public sealed class Rtnetlink : IDisposable
{
    private readonly NetlinkSocket _socket;

    private Rtnetlink(NetlinkSocket socket) => _socket = socket;

    /// <summary>Opens a socket in <paramref name="ns"/>, or in the namespace of the process.</summary>
    public static Rtnetlink Open(NetworkNamespace? ns = null) => new(NetlinkSocket.Open(Libc.NETLINK_ROUTE, ns));

    /// <summary>Sends all changes; throws the first refusal as <see cref="NetlinkException"/> after trying all.</summary>
    public void Execute(RtnetlinkBatch batch) => _socket.Execute(batch);

    /// <summary>Sends all changes; true when none was refused, else see <see cref="NetlinkBatch.Failures"/>.</summary>
    public bool TryExecute(RtnetlinkBatch batch) => _socket.TryExecute(batch);

    /// <summary>All links.</summary>
    public IReadOnlyList<LinkEntry> GetLinks()
    {
        NetlinkWriter request = BeginDump(RTM_GETLINK);
        request.Append(default(ifinfomsg));
        request.EndMessage();
        return _socket.Query<LinkEntry>(request, LinkEntry.TryParse, "list links", RouteSchema.Of);
    }

    /// <summary>One link; null when there is none.</summary>
    public LinkEntry? FindLink(LinkRef link)
    {
        var request = new NetlinkWriter(64);
        request.BeginMessage(RTM_GETLINK, NetlinkFlags.Request | NetlinkFlags.Ack, NetlinkSocket.NextSequence());
        request.Append(new ifinfomsg { ifi_index = link.Index });
        if (link.Name is not null)
        {
            request.PutString(IFLA_IFNAME, link.Name);
        }

        request.EndMessage();
        return _socket.QueryOne<LinkEntry>(request, LinkEntry.TryParse, $"get link {link}", Errno.ENODEV, RouteSchema.Of);
    }

    /// <summary>One link; <see cref="NetlinkException"/> with ENODEV when there is none.</summary>
    public LinkEntry GetLink(LinkRef link) => FindLink(link) ?? throw new NetlinkException($"get link {link}", Errno.ENODEV);

    /// <summary>Addresses of one link, or of all (0).</summary>
    public IReadOnlyList<AddressEntry> GetAddresses(int link = 0)
    {
        NetlinkWriter request = BeginDump(RTM_GETADDR);
        request.Append(new ifaddrmsg { ifa_index = (uint)link });
        request.EndMessage();
        return _socket.Query<AddressEntry>(request, AddressEntry.TryParse, "list addresses", RouteSchema.Of);
    }

    /// <summary>Routes of one table, or of all (0), both families.</summary>
    public IReadOnlyList<RouteEntry> GetRoutes(uint table = RouteEntry.MainTable)
    {
        var routes = new List<RouteEntry>();
        foreach (byte family in (ReadOnlySpan<byte>)[AF_INET, AF_INET6])
        {
            NetlinkWriter request = BeginDump(RTM_GETROUTE);
            request.Append(new rtmsg { rtm_family = family });
            if (table != 0)
            {
                request.Put(RTA_TABLE, table);
            }

            request.EndMessage();
            try
            {
                routes.AddRange(_socket.Query<RouteEntry>(request, RouteEntry.TryParse, "list routes", RouteSchema.Of));
            }
            catch (NetlinkException e) when (e.Errno is Errno.ENOENT or Errno.EAFNOSUPPORT or Errno.EOPNOTSUPP)
            {
                // The table was never used, or there is no IPv6.
            }
        }

        return table == 0 ? routes : routes.FindAll(route => route.Table == table);
    }

    /// <summary>The entry of the routing tables that decides about packets to an address (<c>ip route get fibmatch</c>); null when there is none.</summary>
    public RouteEntry? FindRoute(IPAddress destination)
    {
        var request = new NetlinkWriter(64);
        request.BeginMessage(RTM_GETROUTE, NetlinkFlags.Request | NetlinkFlags.Ack, NetlinkSocket.NextSequence());
        byte[] bytes = destination.GetAddressBytes();
        request.Append(new rtmsg { rtm_family = AddressEncoding.FamilyOf(destination), rtm_dst_len = (byte)(bytes.Length * 8), rtm_flags = RTM_F_FIB_MATCH });
        request.Put(RTA_DST, bytes);
        request.EndMessage();
        try
        {
            return _socket.Query<RouteEntry>(request, RouteEntry.TryParse, "find route", RouteSchema.Of).FirstOrDefault();
        }
        catch (NetlinkException e) when (e.Errno is Errno.ENETUNREACH or Errno.EHOSTUNREACH)
        {
            return null;
        }
    }

    /// <summary>Rules that look up a table.</summary>
    public IReadOnlyList<RuleEntry> GetRules(bool ipv6 = false)
    {
        NetlinkWriter request = BeginDump(RTM_GETRULE);
        request.Append(new fib_rule_hdr { family = ipv6 ? AF_INET6 : AF_INET });
        request.EndMessage();
        return _socket.Query<RuleEntry>(request, RuleEntry.TryParse, "list rules", RouteSchema.Of);
    }

    /// <summary>Neighbours of one link, or of all (0), both families.</summary>
    public IReadOnlyList<NeighbourEntry> GetNeighbours(int link = 0)
    {
        NetlinkWriter request = BeginDump(RTM_GETNEIGH);
        request.Append(default(ndmsg));
        if (link != 0)
        {
            request.Put(NDA_IFINDEX, link);
        }

        request.EndMessage();
        IReadOnlyList<NeighbourEntry> all = _socket.Query<NeighbourEntry>(request, NeighbourEntry.TryParse, "list neighbours", RouteSchema.Of);
        return link == 0 ? all : [.. all.Where(entry => entry.Link == link)];
    }

    /// <summary>Forwarding entries of one vxlan device or bridge port, or of all (0).</summary>
    public IReadOnlyList<FdbEntry> GetFdb(int link = 0)
    {
        NetlinkWriter request = BeginDump(RTM_GETNEIGH);
        request.Append(new ndmsg { ndm_family = AF_BRIDGE, ndm_ifindex = link });
        request.EndMessage();
        IReadOnlyList<FdbEntry> all = _socket.Query<FdbEntry>(request, FdbEntry.TryParse, "list forwarding entries", RouteSchema.Of);
        return link == 0 ? all : [.. all.Where(entry => entry.Link == link)];
    }

    /// <summary>The number by which this namespace calls another (see <see cref="LinkEntry.LinkNamespaceId"/>); null when it has none yet.</summary>
    public int? GetNamespaceId(NetworkNamespace target)
    {
        var request = new NetlinkWriter(64);
        request.BeginMessage(RTM_GETNSID, NetlinkFlags.Request | NetlinkFlags.Ack, NetlinkSocket.NextSequence());
        request.Reserve(RtGenMsgLength);
        request.Put(NETNSA_FD, target.Descriptor.Number);
        request.EndMessage();
        NamespaceIdEntry entry = _socket.Query<NamespaceIdEntry>(request, NamespaceIdEntry.TryParse, "get namespace id", RouteSchema.Of).Single();
        return entry.Id == NETNSA_NSID_NOT_ASSIGNED ? null : entry.Id;
    }

    /// <summary>All numbers by which this namespace calls others.</summary>
    public IReadOnlyList<int> GetNamespaceIds()
    {
        NetlinkWriter request = BeginDump(RTM_GETNSID);
        request.Reserve(RtGenMsgLength);
        request.EndMessage();
        return _socket.Query<NamespaceIdEntry>(request, NamespaceIdEntry.TryParse, "list namespace ids", RouteSchema.Of).ConvertAll(entry => entry.Id);
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static NetlinkWriter BeginDump(ushort type)
    {
        var request = new NetlinkWriter(64);
        request.BeginMessage(type, NetlinkFlags.Request | NetlinkFlags.Dump, NetlinkSocket.NextSequence());
        return request;
    }
}
