using System.Net;
using System.Net.Sockets;
using SwarmNet.Manager.Allocator;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Control;

/// <summary>What a network specification must be.</summary>
internal static class NetworkValidator
{
    private const string IpamError = "ipam configuration: ";

    // 256 addresses: what an IPv4 subnet of the default size has.
    private const int LongestPrefix6 = 120;

    // Loopback and what is mapped or translated from IPv4 (RFC 4291 §2.5), link-local (§2.5.6), multicast (§2.7).
    private static readonly IPNetwork[] _noHosts = [IPNetwork.Parse("::/64"), IPNetwork.Parse("fe80::/10"), IPNetwork.Parse("ff00::/8")];

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
        var ipv6 = 0;
        foreach (var config in spec.Ipam?.Configs ?? [])
        {
            if (CheckIpam(config) is { } subnet && subnet.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6)
            {
                CheckIPv6(spec, subnet);
                ipv6++;
            }
        }

        if (ipv6 > 1)
        {
            throw Refuse.Unimplemented($"{ipv6} IPv6 subnets are asked for, and a network can have one: leave the others out");
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

    // By number: .NET takes addresses mapped from IPv4 for IPv4.
    private static bool Overlap(IPNetwork a, IPNetwork b) => a.BaseAddress.AddressFamily == b.BaseAddress.AddressFamily
        && AddressNumber.Bounds(a) is var (firstOfA, lastOfA) && AddressNumber.Bounds(b) is var (firstOfB, lastOfB)
        && firstOfA <= lastOfB && firstOfB <= lastOfA;

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

    private static void CheckIPv6(NetworkSpec spec, IPNetwork subnet)
    {
        if (!spec.Ipv6Enabled)
        {
            throw Refuse.Invalid($"{IpamError}subnet {subnet} is an IPv6 subnet, and IPv6 is not enabled on the network: enable it (--ipv6)");
        }

        if (subnet.PrefixLength > LongestPrefix6)
        {
            throw Refuse.Invalid($"{IpamError}subnet {subnet} is too small: an IPv6 subnet needs a prefix of at most {LongestPrefix6} bits, such as /64");
        }

        if (_noHosts.FirstOrDefault(range => Overlap(range, subnet)) is { PrefixLength: > 0 } special)
        {
            throw Refuse.Invalid($"{IpamError}subnet {subnet} cannot be given to endpoints, it overlaps {special}: a unique local one such as fd00:1::/64 can");
        }
    }

    /// <summary>The subnet, checked; null when none is asked for.</summary>
    private static IPNetwork? CheckIpam(IPAMConfig config)
    {
        const string prefix = IpamError;
        if (config.Subnet.Length == 0 && config.Range.Length == 0 && config.Gateway.Length == 0)
        {
            return null;
        }

        if (!IPNetwork.TryParse(config.Subnet, out var subnet))
        {
            throw Refuse.Invalid($"{prefix}invalid subnet {config.Subnet}");
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

        return subnet;
    }
}
