using System.Net;
using SwarmNet.Netlink.Route;
using SwarmNet.Overlay.Repairs;

namespace SwarmNet.Overlay.Networks;

/// <summary>
/// What an endpoint resolved while the network told it wrong: its own cache of neighbours (RFC 826, RFC 4861) keeps a peer's former MAC address for half a
/// minute and longer after the network was put right.
/// </summary>
internal static class StaleNeighbours
{
    private const NeighbourState Resolved = NeighbourState.Reachable | NeighbourState.Stale | NeighbourState.Delay | NeighbourState.Probe;

    /// <summary>Finds, and unless it is an inspection drops, cached entries that differ from what is wanted. What somebody entered by hand is left alone.</summary>
    public static void Drop(
        Rtnetlink target, string interfaceName, IEnumerable<IReadOnlyDictionary<IPAddress, MacAddress>> wanted, bool isInspection, List<Repair> repairs)
    {
        if (target.FindLink(interfaceName) is not { } link)
        {
            return; // which an inspection has told already
        }

        var batch = new RtnetlinkBatch();
        int before = repairs.Count;
        foreach (NeighbourEntry cached in target.GetNeighbours(link.Index))
        {
            foreach (IReadOnlyDictionary<IPAddress, MacAddress> subnet in wanted)
            {
                if ((cached.State & Resolved) != 0 && cached.LinkLayerAddress is { } mac && subnet.TryGetValue(cached.Address, out MacAddress right) && mac != right)
                {
                    repairs.Add(new Repair($"neighbour {cached.Address} in the cache of {interfaceName}", $"had {mac} instead of {right}"));
                    batch.DeleteNeighbour(cached, ignoreMissing: true);
                }
            }
        }

        if (!isInspection && repairs.Count > before)
        {
            target.Execute(batch);
        }
    }
}
