using System.Net;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Overlay.Networks;

/// <summary>Reads and writes <see cref="ForwardingState"/> in the kernel.</summary>
internal static class ForwardingKernel
{
    /// <summary>What is in force for a tunnel device that is a bridge port. Learned and local entries are not ours.</summary>
    public static ForwardingState Load(Rtnetlink links, int tunnel)
    {
        var state = new ForwardingState();
        foreach (NeighbourEntry neighbour in links.GetNeighbours(tunnel))
        {
            // Groups (ff02::1) are permanent by themselves, and mapped by a rule (33:33 and the last four bytes).
            if (neighbour.State == NeighbourState.Permanent && neighbour.LinkLayerAddress is { } mac && !mac.IsMulticast)
            {
                state.Neighbours[neighbour.Address] = mac;
            }
        }

        foreach (FdbEntry entry in links.GetFdb(tunnel))
        {
            if (entry.Master is not null)
            {
                // Of the bridge's entries for this port, PERMANENT is the port's own address and NOARP is a static one.
                if (entry.State == NeighbourState.NoArp)
                {
                    state.Ports.Add(entry.Address);
                }
            }
            else if (entry.Remote is { } vtep)
            {
                // One with a port or an identifier of its own leads elsewhere than ours, whatever its address.
                state.Tunnels[entry.Address] = entry.Port is null && entry.Vni is null ? vtep : IPAddress.None;
            }
        }

        return state;
    }

    /// <summary>Encodes changes in their order. What is gone already is no error.</summary>
    public static void Append(RtnetlinkBatch batch, int tunnel, IReadOnlyList<ForwardingChange> changes)
    {
        foreach (ForwardingChange change in changes)
        {
            switch (change.Table, change.Add)
            {
                case (ForwardingTable.Neighbour, true):
                    batch.ReplaceNeighbour(Neighbour(tunnel, change));
                    break;
                case (ForwardingTable.Neighbour, false):
                    batch.DeleteNeighbour(Neighbour(tunnel, change), ignoreMissing: true);
                    break;
                case (_, true):
                    batch.ReplaceFdb(Fdb(tunnel, change));
                    break;
                case (_, false):
                    batch.DeleteFdb(Fdb(tunnel, change), ignoreMissing: true);
                    break;
            }
        }
    }

    private static NeighbourEntry Neighbour(int tunnel, in ForwardingChange change) =>
        new() { Link = tunnel, Address = change.Address!, LinkLayerAddress = change.Mac };

    private static FdbEntry Fdb(int tunnel, in ForwardingChange change) => change.Table == ForwardingTable.Tunnel
        ? new FdbEntry { Link = tunnel, Address = change.Mac, Remote = Equals(change.Vtep, IPAddress.None) ? null : change.Vtep }
        : new FdbEntry { Link = tunnel, Address = change.Mac, State = NeighbourState.NoArp, Flags = NeighbourFlags.Master };
}
