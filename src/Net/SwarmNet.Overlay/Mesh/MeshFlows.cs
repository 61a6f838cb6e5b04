using SwarmNet.Netlink;
using SwarmNet.Netlink.Conntrack;
using SwarmNet.Overlay.Balancing;

namespace SwarmNet.Overlay.Mesh;

/// <summary>Which tracked flows a change of the published ports makes void.</summary>
/// <param name="plan">The change.</param>
/// <param name="state">What is in force after it.</param>
internal sealed class MeshFlows(BalancePlan plan, IReadOnlyDictionary<ulong, FrontendState> state)
{
    private const byte UdpProtocol = 17;
    private const uint SourceTranslated = 0x10;
    private const uint DestinationTranslated = 0x20;

    private readonly ulong[] _ranges = [.. state.Keys.Concat(plan.Result.Keys).Where(static id => PortFrontend.Of(id).IsRange).Distinct()];

    /// <summary>
    /// Forgets flows to backends that left: of UDP, which has no connections, at once; others when the backend is not even drained any more. And UDP flows that
    /// began before their port was published, which would never be translated.
    /// </summary>
    public void Forget(NetlinkSocket socket)
    {
        if (plan.LeavingTargets.Count + plan.GoneTargets.Count + plan.AddedTiers.Count == 0)
        {
            return;
        }

        var gone = plan.LeavingTargets.Concat(plan.GoneTargets).Select(static pair => (uint)(pair.Target >> 16)).ToHashSet();
        ConntrackFilter[] filters = [.. ConntrackTable.List(socket)
            .Where(flow => (flow.Status & DestinationTranslated) != 0 ? IsOrphan(flow, gone) : IsUntranslated(flow))
            .Select(static flow => new ConntrackFilter
            {
                Protocol = flow.Original.Protocol,
                OriginalDestination = flow.Original.Destination,
                OriginalDestinationPort = flow.Original.DestinationPort,
                ReplySource = flow.Reply.Source,
                ReplySourcePort = flow.Reply.SourcePort,
            })
            .Distinct()];
        if (filters.Length > 0)
        {
            ConntrackTable.Delete(socket, filters);
        }
    }

    private bool IsOrphan(in ConntrackFlow flow, HashSet<uint> gone)
    {
        if (flow.Original.Protocol is not (6 or UdpProtocol or 132) || !gone.Contains(flow.Reply.Source.ToUInt32()))
        {
            return false;
        }

        ulong target = ((ulong)flow.Reply.Source.ToUInt32() << 16) | flow.Reply.SourcePort;
        bool isTouched = false;
        foreach (ulong frontend in Covering(flow.Original))
        {
            // The target of a range is noted with the range's first port.
            PortFrontend port = PortFrontend.Of(frontend);
            ulong noted = port.IsRange ? (target & ~0xfffful) | port.Port : target;
            if (state.TryGetValue(frontend, out FrontendState? inForce)
                && (inForce.Slots.Contains(noted) || (flow.Original.Protocol != UdpProtocol && inForce.Drained.Contains(noted))))
            {
                return false;
            }

            isTouched |= plan.Result.ContainsKey(frontend);
        }

        return isTouched;
    }

    private bool IsUntranslated(in ConntrackFlow flow)
    {
        if (flow.Original.Protocol != UdpProtocol || (flow.Status & SourceTranslated) != 0)
        {
            return false;
        }

        foreach (ulong frontend in Covering(flow.Original))
        {
            if (plan.AddedTiers.Exists(added => added.Frontend == frontend))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Frontends that are, or were, for a destination.</summary>
    private IEnumerable<ulong> Covering(ConntrackTuple original)
    {
        uint address = original.Destination.ToUInt32();
        yield return new PortFrontend(address, original.Protocol, original.DestinationPort).Id;
        yield return new PortFrontend(0, original.Protocol, original.DestinationPort).Id;
        foreach (ulong range in _ranges)
        {
            if (PortFrontend.Of(range).Covers(address, original.Protocol, original.DestinationPort))
            {
                yield return range;
            }
        }
    }
}
