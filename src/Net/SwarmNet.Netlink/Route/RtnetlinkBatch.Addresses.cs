using System.Net;
using System.Net.Sockets;
using SwarmNet.Linux;
using static SwarmNet.Netlink.Route.AddressEncoding;
using static SwarmNet.Netlink.Route.RouteConstants;

namespace SwarmNet.Netlink.Route;

// Addresses, routes, rules.
public sealed partial class RtnetlinkBatch
{
    /// <summary>Adds an address. EEXIST when the link has it.</summary>
    public RtnetlinkBatch AddAddress(AddressEntry address)
    {
        WriteAddress(RTM_NEWADDR, NetlinkFlags.Create | NetlinkFlags.Exclusive, "add address", address, Errno.None);
        return this;
    }

    /// <summary>Adds an address to a link, or leaves it when it is there.</summary>
    public RtnetlinkBatch EnsureAddress(AddressEntry address)
    {
        WriteAddress(RTM_NEWADDR, NetlinkFlags.Create | NetlinkFlags.Exclusive, "add address", address, Errno.EEXIST);
        return this;
    }

    /// <summary>Removes an address.</summary>
    public RtnetlinkBatch DeleteAddress(AddressEntry address, bool ignoreMissing = false)
    {
        WriteAddress(RTM_DELADDR, NetlinkFlags.None, "delete address", address, ignoreMissing ? Errno.EADDRNOTAVAIL : Errno.None);
        return this;
    }

    /// <summary>Adds a route. EEXIST when there is one for that destination, table and metric.</summary>
    public RtnetlinkBatch AddRoute(RouteEntry route)
    {
        WriteRoute(RTM_NEWROUTE, NetlinkFlags.Create | NetlinkFlags.Exclusive, "add route", route, Errno.None);
        return this;
    }

    /// <summary>Adds a route, or replaces the one with the same destination, table and metric.</summary>
    public RtnetlinkBatch ReplaceRoute(RouteEntry route)
    {
        WriteRoute(RTM_NEWROUTE, NetlinkFlags.Create | NetlinkFlags.Replace, "replace route", route, Errno.None);
        return this;
    }

    /// <summary>Removes a route.</summary>
    public RtnetlinkBatch DeleteRoute(RouteEntry route, bool ignoreMissing = false)
    {
        WriteRoute(RTM_DELROUTE, NetlinkFlags.None, "delete route", route, ignoreMissing ? Errno.ESRCH : Errno.None);
        return this;
    }

    /// <summary>Adds a rule. EEXIST when there is the same one.</summary>
    public RtnetlinkBatch AddRule(RuleEntry rule)
    {
        WriteRule(RTM_NEWRULE, NetlinkFlags.Create | NetlinkFlags.Exclusive, "add rule", rule, Errno.None);
        return this;
    }

    /// <summary>Adds a rule, or leaves it when it is there.</summary>
    public RtnetlinkBatch EnsureRule(RuleEntry rule)
    {
        WriteRule(RTM_NEWRULE, NetlinkFlags.Create | NetlinkFlags.Exclusive, "add rule", rule, Errno.EEXIST);
        return this;
    }

    /// <summary>Removes a rule.</summary>
    public RtnetlinkBatch DeleteRule(RuleEntry rule, bool ignoreMissing = false)
    {
        WriteRule(RTM_DELRULE, NetlinkFlags.None, "delete rule", rule, ignoreMissing ? Errno.ENOENT : Errno.None);
        return this;
    }

    private void WriteAddress(ushort type, NetlinkFlags flags, string operation, AddressEntry address, Errno tolerated)
    {
        Begin(type, flags, operation, null, tolerated);
        Append(new ifaddrmsg
        {
            ifa_family = FamilyOf(address.Address),
            ifa_prefixlen = (byte)address.PrefixLength,
            ifa_flags = (byte)address.Flags,
            ifa_scope = address.Scope,
            ifa_index = (uint)address.Link,
        });
        this.PutAddress(IFA_LOCAL, address.Address);
        this.PutAddress(IFA_ADDRESS, address.Peer ?? address.Address);
        if (address.Flags > byte.MaxValue)
        {
            Put(IFA_FLAGS, address.Flags);
        }

        EndMessage();
    }

    private void WriteRoute(ushort type, NetlinkFlags flags, string operation, RouteEntry route, Errno tolerated)
    {
        Begin(type, flags, operation, null, tolerated);
        bool ip4 = route.Destination.BaseAddress.AddressFamily == AddressFamily.InterNetwork;
        byte scope = route.Scope ?? (type == RTM_DELROUTE ? RT_SCOPE_NOWHERE
            : route.Gateway is null && ip4 && route.Type == RTN_UNICAST ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE);
        Append(new rtmsg
        {
            rtm_family = FamilyOf(route.Destination.BaseAddress),
            rtm_dst_len = (byte)route.Destination.PrefixLength,
            rtm_table = route.Table <= byte.MaxValue ? (byte)route.Table : RT_TABLE_UNSPEC,
            rtm_protocol = route.Protocol,
            rtm_scope = scope,
            rtm_type = route.Type,
            rtm_flags = route.OnLink ? RTNH_F_ONLINK : 0,
        });
        if (route.Destination.PrefixLength > 0)
        {
            this.PutAddress(RTA_DST, route.Destination.BaseAddress);
        }

        if (route.Gateway is { } gateway)
        {
            this.PutAddress(RTA_GATEWAY, gateway);
        }

        if (route.Source is { } source)
        {
            this.PutAddress(RTA_PREFSRC, source);
        }

        if (route.Link != 0)
        {
            Put(RTA_OIF, route.Link);
        }

        if (route.Priority != 0)
        {
            Put(RTA_PRIORITY, route.Priority);
        }

        if (route.Table > byte.MaxValue)
        {
            Put(RTA_TABLE, route.Table);
        }

        EndMessage();
    }

    private void WriteRule(ushort type, NetlinkFlags flags, string operation, RuleEntry rule, Errno tolerated)
    {
        Begin(type, flags, operation, null, tolerated);
        Append(new fib_rule_hdr
        {
            family = rule.IsIPv6 ? AF_INET6 : AF_INET,
            dst_len = (byte)(rule.To?.PrefixLength ?? 0),
            src_len = (byte)(rule.From?.PrefixLength ?? 0),
            table = rule.Table <= byte.MaxValue ? (byte)rule.Table : RT_TABLE_UNSPEC,
            action = FR_ACT_TO_TBL,
        });
        PutNetwork(FRA_SRC, rule.From);
        PutNetwork(FRA_DST, rule.To);
        Put(FRA_PRIORITY, rule.Priority);
        if (rule.Table > byte.MaxValue)
        {
            Put(FRA_TABLE, rule.Table);
        }

        if (rule.Mark is { } mark)
        {
            Put(FRA_FWMARK, mark);
            Put(FRA_FWMASK, rule.MarkMask ?? uint.MaxValue);
        }

        if (rule.InInterface is { } iif)
        {
            PutString(FRA_IIFNAME, iif);
        }

        if (rule.OutInterface is { } oif)
        {
            PutString(FRA_OIFNAME, oif);
        }

        EndMessage();
    }

    private void PutNetwork(ushort type, IPNetwork? network)
    {
        if (network is { PrefixLength: > 0 } n)
        {
            this.PutAddress(type, n.BaseAddress);
        }
    }
}
