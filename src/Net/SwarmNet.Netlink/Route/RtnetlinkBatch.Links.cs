using SwarmNet.Linux;
using static SwarmNet.Netlink.Route.RouteConstants;

namespace SwarmNet.Netlink.Route;

// Links: RTM_NEWLINK, RTM_SETLINK, RTM_DELLINK.
public sealed partial class RtnetlinkBatch
{
    /// <summary>Makes a link. EEXIST when the name is taken.</summary>
    public RtnetlinkBatch AddLink(LinkSpec spec)
    {
        Begin(RTM_NEWLINK, NetlinkFlags.Create | NetlinkFlags.Exclusive, "add link", spec.Name);
        LinkMessages.WriteSpec(this, spec);
        EndMessage();
        return this;
    }

    /// <summary>
    /// Changes what <paramref name="spec"/> says about the kind of an existing link (settings of a bridge or of a vxlan device) and
    /// nothing else. What is null stays. The kernel refuses what it cannot change while the link exists, for example another VNI; the
    /// UDP port of a vxlan device is not sent.
    /// </summary>
    public RtnetlinkBatch Reconfigure(int link, LinkSpec spec)
    {
        Begin(RTM_NEWLINK, NetlinkFlags.None, "reconfigure link", spec.Name);
        Append(new ifinfomsg { ifi_index = link });
        LinkMessages.WriteInfo(this, spec, create: false);
        EndMessage();
        return this;
    }

    /// <summary>Removes a link (of a veth pair: both ends).</summary>
    public RtnetlinkBatch DeleteLink(LinkRef link, bool ignoreMissing = false)
    {
        BeginLink(RTM_DELLINK, "delete link", link, 0, 0, ignoreMissing ? Errno.ENODEV : Errno.None);
        EndMessage();
        return this;
    }

    /// <summary>
    /// Removes all links of a group at once: much faster than one by one, which waits for an RCU grace period each time. ENODEV when
    /// there is none is ignored.
    /// </summary>
    public RtnetlinkBatch DeleteGroup(int group)
    {
        Begin(RTM_DELLINK, NetlinkFlags.None, "delete link group", null, Errno.ENODEV);
        Append(default(ifinfomsg));
        Put(IFLA_GROUP, group);
        EndMessage();
        return this;
    }

    /// <summary>Brings a link up.</summary>
    public RtnetlinkBatch SetUp(LinkRef link) => SetFlags(link, IFF_UP, "bring up link");

    /// <summary>Takes a link down.</summary>
    public RtnetlinkBatch SetDown(LinkRef link) => SetFlags(link, 0, "take down link");

    /// <summary>Renames a link, which must be down on kernels before 6.2.</summary>
    public RtnetlinkBatch Rename(int link, string name)
    {
        BeginLink(RTM_SETLINK, "rename link to", name, 0, 0, Errno.None, link);
        EndMessage();
        return this;
    }

    /// <summary>Makes it a port of a bridge; 0 = releases it.</summary>
    public RtnetlinkBatch SetMaster(LinkRef link, int master)
    {
        BeginLink(RTM_SETLINK, "set master of link", link, 0, 0, Errno.None);
        Put(IFLA_MASTER, master);
        EndMessage();
        return this;
    }

    /// <summary>Sets the MTU in bytes.</summary>
    public RtnetlinkBatch SetMtu(LinkRef link, int mtu)
    {
        BeginLink(RTM_SETLINK, "set MTU of link", link, 0, 0, Errno.None);
        Put(IFLA_MTU, mtu);
        EndMessage();
        return this;
    }

    /// <summary>Sets the Ethernet address.</summary>
    public RtnetlinkBatch SetAddress(LinkRef link, MacAddress address)
    {
        BeginLink(RTM_SETLINK, "set address of link", link, 0, 0, Errno.None);
        this.PutAddress(IFLA_ADDRESS, address);
        EndMessage();
        return this;
    }

    /// <summary>Puts it into a link group.</summary>
    public RtnetlinkBatch SetGroup(LinkRef link, int group)
    {
        BeginLink(RTM_SETLINK, "set group of link", link, 0, 0, Errno.None);
        Put(IFLA_GROUP, group);
        EndMessage();
        return this;
    }

    /// <summary>Sets the free text that <c>ip link</c> shows as alias.</summary>
    public RtnetlinkBatch SetAlias(LinkRef link, string alias)
    {
        BeginLink(RTM_SETLINK, "set alias of link", link, 0, 0, Errno.None);
        PutString(IFLA_IFALIAS, alias);
        EndMessage();
        return this;
    }

    /// <summary>Moves it into a namespace, under <paramref name="newName"/> when given. It is down and without addresses afterwards.</summary>
    public RtnetlinkBatch Move(int link, NetworkNamespace target, string? newName = null)
    {
        BeginLink(RTM_SETLINK, "move link", newName ?? (LinkRef)link, 0, 0, Errno.None, link);
        Put(IFLA_NET_NS_FD, target.Descriptor.Number);
        EndMessage();
        return this;
    }

    /// <summary>Changes settings of a bridge port, by the index of the port.</summary>
    public RtnetlinkBatch SetBridgePort(int link, in BridgePortSpec port)
    {
        Begin(RTM_SETLINK, NetlinkFlags.None, "set bridge port");
        Append(new ifinfomsg { ifi_family = AF_BRIDGE, ifi_index = link });
        int info = BeginNested(IFLA_PROTINFO);
        BridgePortCodec.Write(this, port);
        EndNested(info);
        EndMessage();
        return this;
    }

    /// <summary>
    /// Gives another namespace a number in this one. EEXIST when it has one. The kernel gives numbers by itself where links lead to
    /// another namespace.
    /// </summary>
    public RtnetlinkBatch SetNamespaceId(NetworkNamespace target, int id)
    {
        Begin(RTM_NEWNSID, NetlinkFlags.None, "set namespace id");
        Reserve(RtGenMsgLength);
        Put(NETNSA_NSID, id);
        Put(NETNSA_FD, target.Descriptor.Number);
        EndMessage();
        return this;
    }

    private RtnetlinkBatch SetFlags(LinkRef link, uint flags, string operation)
    {
        BeginLink(RTM_SETLINK, operation, link, flags, IFF_UP, Errno.None);
        EndMessage();
        return this;
    }

    private void BeginLink(ushort type, string operation, LinkRef link, uint flags, uint change, Errno tolerated, int index = 0)
    {
        Begin(type, NetlinkFlags.None, operation, link.Name, tolerated);
        Append(new ifinfomsg { ifi_index = index != 0 ? index : link.Index, ifi_flags = flags, ifi_change = change });
        if (link.Name is not null)
        {
            PutString(IFLA_IFNAME, link.Name);
        }
    }
}
