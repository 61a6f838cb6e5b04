using System.Globalization;
using System.Net;
using SwarmNet.Manager.Control;
using SwarmNet.Manager.Reconcile;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Allocator;

internal sealed partial class ClusterAllocator
{
    /// <summary>Driver option: the VNI of each subnet, separated by commas.</summary>
    private const string VxlanIdList = "com.docker.network.driver.overlay.vxlanid_list";

    // Allocated overlay networks by id.
    private readonly Dictionary<string, NetworkAddresses> _networks = new(StringComparer.Ordinal);

    // Networks whose addresses the nodes choose: bridge, host.
    private readonly HashSet<string> _nodeLocal = new(StringComparer.Ordinal);
    private string? _ingressId;

    private static bool IsAllocated(Network network) => network.DriverState is not null;

    private void ObserveNetwork(Network? before, Network? after)
    {
        if (after is null)
        {
            ForgetNetwork(before!);
            return;
        }

        if (NetworkRules.IsNodeLocal(after))
        {
            _nodeLocal.Add(after.Id);
            WakeWaiting(after.Id);
            return;
        }

        if (!IsAllocated(after))
        {
            _pendingNetworks.Add(after.Id);
            return;
        }

        if (_networks.TryGetValue(after.Id, out var known))
        {
            known.Network = after;
            return;
        }

        foreach (var config in after.Ipam.Configs)
        {
            Reserve(IPNetwork.Parse(config.Subnet));
        }

        foreach (var vni in Vnis(after))
        {
            _vnis.TryReserve(vni);
        }

        _networks[after.Id] = new NetworkAddresses(after);
        if (IsIngress(after))
        {
            // Every node takes part in the routing mesh.
            _ingressId = after.Id;
            _pendingNodes.UnionWith(_nodes.Keys);
            WakeWaiting(IngressKey);
        }

        WakeWaiting(after.Id);
    }

    private void ForgetNetwork(Network network)
    {
        _nodeLocal.Remove(network.Id);
        if (_networks.Remove(network.Id))
        {
            foreach (var config in network.Ipam.Configs)
            {
                Release(IPNetwork.Parse(config.Subnet));
            }

            foreach (var vni in Vnis(network))
            {
                _vnis.Release(vni);
            }

            _pendingNodes.UnionWith(_nodes.Where(node => node.Value.Addresses.ContainsKey(network.Id)).Select(node => node.Key));
            RetryStuck();
        }

        if (_ingressId == network.Id)
        {
            _ingressId = null;
        }
    }

    private void PlanNetwork(WriteBatch batch, StoreView view, string id)
    {
        if (view.Networks.Get(id) is not { } network || IsAllocated(network) || NetworkRules.IsNodeLocal(network))
        {
            return;
        }

        List<IPNetwork> subnets = [];
        List<uint> vnis = [];
        var ipam = TryAllocateSubnets(network, subnets);
        if (ipam is null || !TryAllocateVnis(network, subnets.Count(static subnet => !subnet.IsIPv6()), vnis))
        {
            Release();
            Stuck(_pendingNetworks, id);
            return;
        }

        var driver = new Driver { Name = "overlay" };
        if (network.Spec.DriverConfig is { } config)
        {
            driver.Options.Add(config.Options);
        }

        driver.Options[VxlanIdList] = string.Join(',', vnis);
        batch.Add(
            transaction =>
            {
                if (transaction.View.Networks.Get(id) is not { } current || IsAllocated(current))
                {
                    return false;
                }

                var allocated = current.Clone();
                allocated.DriverState = driver;
                allocated.Ipam = ipam;
                transaction.Update(allocated);
                return true;
            },
            () =>
            {
                Release();
                _pendingNetworks.Add(id);
            });

        void Release()
        {
            subnets.ForEach(this.Release);
            vnis.ForEach(_vnis.Release);
        }
    }

    private bool Reserve(IPNetwork subnet) => PoolOf(subnet).TryReserve(subnet);

    private void Release(IPNetwork subnet) => PoolOf(subnet).Release(subnet);

    private SubnetPool PoolOf(IPNetwork subnet) => subnet.IsIPv6() ? _subnets6 : _subnets;

    private IPAMOptions? TryAllocateSubnets(Network network, List<IPNetwork> taken)
    {
        var ipam = new IPAMOptions { Driver = new Driver { Name = "default" } };
        foreach (var config in WantedSubnets(network.Spec))
        {
            var allocated = config.Clone();
            IPNetwork subnet;
            if (config.Subnet.Length == 0)
            {
                var pool = config.Family == IPAMConfig.Types.AddressFamily.Ipv6 ? _subnets6 : _subnets;
                if (pool.TryAllocate() is not { } free)
                {
                    return null;
                }

                subnet = free;
            }
            else
            {
                subnet = IPNetwork.Parse(config.Subnet);
                if (!Reserve(subnet))
                {
                    return null;
                }
            }

            taken.Add(subnet);
            allocated.Family = subnet.IsIPv6() ? IPAMConfig.Types.AddressFamily.Ipv6 : IPAMConfig.Types.AddressFamily.Ipv4;
            allocated.Subnet = subnet.ToString();
            if (allocated.Gateway.Length == 0)
            {
                var first = AddressNumber.Bounds(subnet).First + 1;
                if (allocated.Range.Length > 0)
                {
                    first = UInt128.Max(AddressNumber.Bounds(IPNetwork.Parse(allocated.Range)).First, first);
                }

                allocated.Gateway = AddressNumber.ToAddress(first, subnet.BaseAddress.AddressFamily).ToString();
            }

            ipam.Configs.Add(allocated);
        }

        return ipam;
    }

    /// <summary>What the specification asks for, and of each family that it leaves out a subnet of our choice; IPv4 first, which is all that stock engines look at.</summary>
    private static IEnumerable<IPAMConfig> WantedSubnets(NetworkSpec spec)
    {
        var given = (spec.Ipam?.Configs ?? []).ToLookup(static config => config.Subnet.Length > 0 && IPNetwork.Parse(config.Subnet).IsIPv6());
        var ipv6 = !spec.Ipv6Enabled ? [] : given[true].DefaultIfEmpty(new IPAMConfig { Family = IPAMConfig.Types.AddressFamily.Ipv6 });
        return given[false].DefaultIfEmpty(new IPAMConfig()).Concat(ipv6);
    }

    /// <summary>One VNI per IPv4 subnet (an IPv6 subnet shares the first): those that the driver options ask for, then free ones.</summary>
    private bool TryAllocateVnis(Network network, int count, List<uint> taken)
    {
        var wanted = ParseVnis(network.Spec.DriverConfig?.Options.GetValueOrDefault(VxlanIdList));
        for (var i = 0; i < count; i++)
        {
            if (i < wanted.Count)
            {
                if (!_vnis.TryReserve(wanted[i]))
                {
                    return false;
                }

                taken.Add(wanted[i]);
            }
            else if (_vnis.TryAllocate() is { } vni)
            {
                taken.Add(vni);
            }
            else
            {
                return false;
            }
        }

        return true;
    }

    private static List<uint> Vnis(Network network) => ParseVnis(network.DriverState?.Options.GetValueOrDefault(VxlanIdList));

    private static List<uint> ParseVnis(string? list)
    {
        List<uint> vnis = [];
        foreach (var part in (list ?? string.Empty).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (uint.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var vni))
            {
                vnis.Add(vni);
            }
        }

        return vnis;
    }
}
