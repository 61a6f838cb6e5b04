using SwarmNet.Linux;
using SwarmNet.Netlink;
using SwarmNet.Netlink.Ipvs;
using SwarmNet.Netlink.NfTables;
using SwarmNet.Overlay.Balancing.Ipvs;

namespace SwarmNet.Overlay.Balancing;

/// <summary>Finds out by trial what a kernel can: what is tried is undone at once.</summary>
internal static class BalancerProbe
{
    private static readonly NfTable _trial = new(NfFamily.Ip, "swarmnet_trial");

    /// <summary>What keeps that kind of balancer from working, as a sentence without its full stop; null = nothing.</summary>
    public static string? FindObstacle(NetworkNamespace ns, BalancerKind kind) => kind switch
    {
        BalancerKind.NfTables => TryTable(ns, NfTablesBalancer.DefineTrial),
        _ => TryServices(ns) ?? TryTable(ns, IpvsClassifier.DefineTrial),
    };

    // Made and removed by one transaction: nothing ever passes it.
    private static string? TryTable(NetworkNamespace ns, Action<NfTablesBatch, NfTable> define)
    {
        try
        {
            using NetlinkSocket socket = NetlinkSocket.Open(Libc.NETLINK_NETFILTER, ns);
            var batch = new NfTablesBatch();
            define(batch, _trial);
            batch.DeleteTable(_trial).Execute(socket);
            return null;
        }
        catch (Exception e) when (e is NetlinkException or LinuxException)
        {
            return $"nf_tables of this kernel lacks something (modules nf_tables, nft_numgen, nft_hash, nft_chain_nat, nft_nat, nft_reject_ipv4, nft_fib_ipv4): {e.Message}";
        }
    }

    private static string? TryServices(NetworkNamespace ns)
    {
        if (!IpvsSocket.TryOpen(ns, out IpvsSocket? ipvs))
        {
            return "this kernel has no IP virtual server (module ip_vs, CONFIG_IP_VS)";
        }

        using (ipvs)
        {
            foreach (IpvsScheduler scheduler in (ReadOnlySpan<IpvsScheduler>)[IpvsScheduler.WeightedRoundRobin, IpvsScheduler.MaglevHash])
            {
                IpvsServiceId id = IpvsServiceId.ByMark(IpvsFrontend.TrialMark);
                if (!ipvs.TryExecute(ipvs.NewBatch().AddService(new IpvsService(id, scheduler)).DeleteService(id)))
                {
                    return $"the IP virtual server of this kernel lacks the scheduler {scheduler} (module ip_vs_{scheduler})";
                }
            }
        }

        return null;
    }
}
