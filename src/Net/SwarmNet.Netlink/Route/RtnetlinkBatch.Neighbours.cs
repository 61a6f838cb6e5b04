using SwarmNet.Linux;
using static SwarmNet.Netlink.Route.AddressEncoding;
using static SwarmNet.Netlink.Route.RouteConstants;

namespace SwarmNet.Netlink.Route;

// Neighbours and forwarding entries: RTM_NEWNEIGH, RTM_DELNEIGH.
public sealed partial class RtnetlinkBatch
{
    /// <summary>Adds a neighbour, or replaces the entry of that address.</summary>
    public RtnetlinkBatch ReplaceNeighbour(NeighbourEntry neighbour)
    {
        WriteNeighbour(RTM_NEWNEIGH, NetlinkFlags.Create | NetlinkFlags.Replace, "replace neighbour", neighbour, Errno.None);
        return this;
    }

    /// <summary>Removes the neighbour with that address.</summary>
    public RtnetlinkBatch DeleteNeighbour(NeighbourEntry neighbour, bool ignoreMissing = false)
    {
        WriteNeighbour(RTM_DELNEIGH, NetlinkFlags.None, "delete neighbour", neighbour, ignoreMissing ? Errno.ENOENT : Errno.None);
        return this;
    }

    /// <summary>Adds a forwarding entry, or replaces the entry of that Ethernet address (a vxlan device: its only remote).</summary>
    public RtnetlinkBatch ReplaceFdb(FdbEntry entry)
    {
        WriteFdb(RTM_NEWNEIGH, NetlinkFlags.Create | NetlinkFlags.Replace, "replace forwarding entry", entry, Errno.None);
        return this;
    }

    /// <summary>Adds one more remote to a multicast or all-zero address of a vxlan device.</summary>
    public RtnetlinkBatch AppendFdb(FdbEntry entry)
    {
        WriteFdb(RTM_NEWNEIGH, NetlinkFlags.Create | NetlinkFlags.Append, "append forwarding entry", entry, Errno.None);
        return this;
    }

    /// <summary>Removes a forwarding entry.</summary>
    public RtnetlinkBatch DeleteFdb(FdbEntry entry, bool ignoreMissing = false)
    {
        WriteFdb(RTM_DELNEIGH, NetlinkFlags.None, "delete forwarding entry", entry, ignoreMissing ? Errno.ENOENT : Errno.None);
        return this;
    }

    private void WriteNeighbour(ushort type, NetlinkFlags flags, string operation, NeighbourEntry neighbour, Errno tolerated)
    {
        Begin(type, flags, operation, null, tolerated);
        Append(new ndmsg
        {
            ndm_family = FamilyOf(neighbour.Address),
            ndm_ifindex = neighbour.Link,
            ndm_state = (ushort)neighbour.State,
            ndm_flags = (byte)neighbour.Flags,
        });
        this.PutAddress(NDA_DST, neighbour.Address);
        if (neighbour.LinkLayerAddress is { } mac)
        {
            this.PutAddress(NDA_LLADDR, mac);
        }

        EndMessage();
    }

    private void WriteFdb(ushort type, NetlinkFlags flags, string operation, FdbEntry entry, Errno tolerated)
    {
        Begin(type, flags, operation, null, tolerated);
        Append(new ndmsg
        {
            ndm_family = AF_BRIDGE,
            ndm_ifindex = entry.Link,
            ndm_state = (ushort)entry.State,
            ndm_flags = (byte)entry.Flags,
        });
        this.PutAddress(NDA_LLADDR, entry.Address);
        if (entry.Remote is { } remote)
        {
            this.PutAddress(NDA_DST, remote);
        }

        if (entry.Vlan is { } vlan)
        {
            Put(NDA_VLAN, vlan);
        }

        if (entry.Port is { } port)
        {
            PutBigEndian(NDA_PORT, port);
        }

        if (entry.Vni is { } vni)
        {
            Put(NDA_VNI, vni);
        }

        EndMessage();
    }
}
