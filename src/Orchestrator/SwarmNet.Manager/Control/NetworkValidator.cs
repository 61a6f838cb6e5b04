using System.Net;
using System.Net.Sockets;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Control;

/// <summary>What a network specification must be.</summary>
internal static class NetworkValidator
{
    public static void Check(NetworkSpec spec)
    {
        NameRules.CheckDnsName(spec.Annotations);
        if (spec.Ingress && spec.Attachable)
        {
            throw Refuse.Invalid("ingress network cannot be attachable");
        }

        if (spec.Annotations.Labels.ContainsKey(NetworkRules.PredefinedLabel))
        {
            throw Refuse.Denied(
                $"label {NetworkRules.PredefinedLabel} is for internally created predefined networks and cannot be applied by users");
        }

        CheckDriver(spec);
        if (spec.Ipv6Enabled)
        {
            throw Refuse.Unimplemented("IPv6 cannot be enabled: networks of the swarm are IPv4 only in this version");
        }

        foreach (var config in spec.Ipam?.Configs ?? [])
        {
            CheckIpam(config);
        }
    }

    /// <summary>A requested subnet must not meet one that another network has or asks for.</summary>
    public static void CheckOverlap(StoreView view, NetworkSpec spec)
    {
        foreach (var config in spec.Ipam?.Configs ?? [])
        {
            if (!IPNetwork.TryParse(config.Subnet, out var subnet))
            {
                continue;
            }

            foreach (var other in view.Networks.All)
            {
                var taken = (other.Ipam ?? other.Spec.Ipam)?.Configs ?? [];
                if (taken.Any(c => IPNetwork.TryParse(c.Subnet, out var used) && Overlap(used, subnet)))
                {
                    throw Refuse.Invalid(
                        $"invalid pool request: Pool overlaps with other one on this address space: subnet {config.Subnet} overlaps with network {other.Spec.Annotations.Name}");
                }
            }
        }
    }

    private static bool Overlap(IPNetwork a, IPNetwork b) => a.Contains(b.BaseAddress) || b.Contains(a.BaseAddress);

    private static void CheckDriver(NetworkSpec spec)
    {
        if (spec.DriverConfig is { Name.Length: 0, Options.Count: > 0 })
        {
            throw Refuse.Invalid("driver name: if driver is specified name is required");
        }

        var driver = NetworkRules.DriverName(spec);
        if (spec.Ingress && driver != "overlay")
        {
            throw Refuse.Unimplemented("only overlay driver is currently supported for ingress network");
        }

        if (driver != "overlay")
        {
            throw Refuse.Invalid($"plugin {driver} not supported");
        }

        if (spec.Ipam?.Driver is { Name: not ("" or "default") } ipam)
        {
            throw Refuse.Invalid($"plugin {ipam.Name} not supported");
        }
    }

    private static void CheckIpam(IPAMConfig config)
    {
        const string prefix = "ipam configuration: ";
        if (config.Subnet.Length == 0 && config.Range.Length == 0 && config.Gateway.Length == 0)
        {
            return;
        }

        if (!IPNetwork.TryParse(config.Subnet, out var subnet))
        {
            throw Refuse.Invalid($"{prefix}invalid subnet {config.Subnet}");
        }

        if (subnet.BaseAddress.AddressFamily != AddressFamily.InterNetwork)
        {
            throw Refuse.Unimplemented($"subnet {config.Subnet}: overlay networks are IPv4 only in this version");
        }

        // Parsing clears the host bits; what the user meant by them is not ours to guess.
        if (IPAddress.TryParse(config.Subnet.AsSpan(0, config.Subnet.IndexOf('/', StringComparison.Ordinal)), out var written)
            && !written.Equals(subnet.BaseAddress))
        {
            throw Refuse.Invalid($"{prefix}invalid subnet {config.Subnet}: it should be {subnet}");
        }

        if (config.Range.Length > 0)
        {
            if (!IPNetwork.TryParse(config.Range, out var range))
            {
                throw Refuse.Invalid($"{prefix}invalid range {config.Range}");
            }

            if (!subnet.Contains(range.BaseAddress) || range.PrefixLength < subnet.PrefixLength)
            {
                throw Refuse.Invalid($"{prefix}subnet {config.Subnet} does not contain range {config.Range}");
            }
        }

        if (config.Gateway.Length > 0)
        {
            if (!IPAddress.TryParse(config.Gateway, out var gateway))
            {
                throw Refuse.Invalid($"{prefix}invalid gateway {config.Gateway}");
            }

            if (!subnet.Contains(gateway))
            {
                throw Refuse.Invalid($"{prefix}subnet {config.Subnet} does not contain gateway {config.Gateway}");
            }
        }
    }
}
