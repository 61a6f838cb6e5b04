using System.Net;
using SwarmNet.Linux;
using SwarmNet.Netlink;
using SwarmNet.Netlink.Route;
using SwarmNet.Overlay.Repairs;

namespace SwarmNet.Overlay;

/// <summary>
/// One end a port on our side (of a bridge, or routed), the other end an interface of a target namespace. The port's name carries
/// the target's address in hexadecimal, so the ports tell who is attached, also to a process that did not attach them.
/// </summary>
internal sealed record VethPair
{
    // IFA_F_NODAD of linux/if_addr.h.
    private const uint NoDuplicateDetection = 0x02;

    /// <summary>Prefix of the port's name; eight hexadecimal digits follow.</summary>
    public required string PortPrefix { get; init; }

    /// <summary>Index of the bridge that the port joins; 0 = none.</summary>
    public int Bridge { get; init; }

    /// <summary>Link group of the port, by which many are deleted at once; 0 = the default group.</summary>
    public int Group { get; init; }

    /// <summary>The target's namespace.</summary>
    public required NetworkNamespace Target { get; init; }

    /// <summary>Name of the interface there.</summary>
    public required string InterfaceName { get; init; }

    public required IPAddress Address { get; init; }

    public required int PrefixLength { get; init; }

    public required MacAddress Mac { get; init; }

    /// <summary>A second, IPv6 address; null = none.</summary>
    public IPAddress? Address6 { get; init; }

    public int PrefixLength6 { get; init; }

    public int Mtu { get; init; } = 1500;

    /// <summary>Only tell what is different.</summary>
    public bool IsInspection { get; init; }

    /// <summary>Routes over the interface: destination and next hop.</summary>
    public IReadOnlyList<(IPNetwork Destination, IPAddress Gateway)> Routes { get; init; } = [];

    public string PortName => PortOf(PortPrefix, Address);

    // Read back by a process that did not attach it.
    private string Alias => Address6 is null ? $"{Address}" : $"{Address} {Address6}";

    public static string PortOf(string prefix, IPAddress address) => $"{prefix}{address.ToUInt32():x8}";

    /// <summary>The target's address of a port with this prefix; null for other links.</summary>
    public static uint? AddressOf(LinkEntry port, string prefix) =>
        port.Kind == "veth" && port.Name.Length == prefix.Length + 8 && port.Name.StartsWith(prefix, StringComparison.Ordinal)
        && uint.TryParse(port.Name.AsSpan(prefix.Length), System.Globalization.NumberStyles.AllowHexSpecifier, null, out uint address)
            ? address
            : null;

    /// <summary>The IPv6 address of a port's target, of <see cref="Address6"/>; null = none.</summary>
    public static IPAddress? Address6Of(LinkEntry port) =>
        port.Alias?.Split(' ') is [_, var text] && IPAddress.TryParse(text, out IPAddress? address) ? address : null;

    /// <summary>
    /// Makes the pair, or completes what is there. A port of that name whose other end is not the wanted interface is left over
    /// from a target that is gone, and replaced. Addresses and routes that the target has beside are its own matter.
    /// </summary>
    /// <param name="portSide">Socket in the port's namespace.</param>
    /// <param name="targetSide">Socket in the target's namespace.</param>
    /// <param name="repairs">Takes what was missing or different; null = nobody wants to know.</param>
    /// <returns>Index of the interface in the target's namespace.</returns>
    public int Ensure(Rtnetlink portSide, Rtnetlink targetSide, List<Repair>? repairs = null)
    {
        if (InterfaceName.Length is 0 or > 15)
        {
            throw new ArgumentException($"The interface name \"{InterfaceName}\" must have 1 to 15 characters.");
        }

        LinkEntry? port = portSide.FindLink(PortName);
        LinkEntry? end = targetSide.FindLink(InterfaceName);
        bool isPair = port is not null && end is not null && end.Link == port.Index && port.Link == end.Index;
        if (!isPair)
        {
            if (end is not null)
            {
                throw new OverlayException($"The interface {InterfaceName} exists already in {Target.Path} and is not the endpoint {Address}.");
            }

            repairs?.Add(new Repair($"interface {InterfaceName} with {Address}", "was missing"));
            if (IsInspection)
            {
                return 0;
            }

            portSide.Execute(new RtnetlinkBatch().DeleteLink(PortName, ignoreMissing: true).AddLink(new VethSpec
            {
                Name = PortName,
                Mtu = Mtu,
                Master = Bridge == 0 ? null : Bridge,
                Group = Group,
                Up = true,
                Queues = 1, // what is in use anyway; made faster
                Peer = new VethPeer { Name = InterfaceName, Namespace = Target, Address = Mac, Mtu = Mtu, Queues = 1 },
            }));
            port = portSide.GetLink(PortName);
            end = targetSide.GetLink(InterfaceName);
        }

        EnsurePort(portSide, port!, repairs);
        EnsureEnd(targetSide, end!, isPair ? repairs : null);
        return end!.Index;
    }

    private void EnsurePort(Rtnetlink portSide, LinkEntry port, List<Repair>? repairs)
    {
        var batch = new RtnetlinkBatch();
        if (port.Alias != Alias)
        {
            batch.SetAlias(port.Index, Alias);
        }

        if (Bridge != 0 && port.Master != Bridge)
        {
            repairs?.Add(new Repair($"link {port.Name}", "was not on its bridge"));
            batch.SetMaster(port.Index, Bridge);
        }

        if (port.Mtu != Mtu)
        {
            repairs?.Add(new Repair($"link {port.Name}", $"had MTU {port.Mtu} instead of {Mtu}"));
            batch.SetMtu(port.Index, Mtu);
        }

        if (!port.IsUp)
        {
            repairs?.Add(new Repair($"link {port.Name}", "was down"));
            batch.SetUp(port.Index);
        }

        Execute(portSide, batch);
    }

    private void EnsureEnd(Rtnetlink targetSide, LinkEntry end, List<Repair>? repairs)
    {
        var batch = new RtnetlinkBatch();
        string subject = $"interface {InterfaceName} with {Address}";
        if (end.Address != Mac)
        {
            repairs?.Add(new Repair(subject, $"had the address {end.Address} instead of {Mac}"));
            batch.SetAddress(end.Index, Mac);
        }

        if (end.Mtu != Mtu)
        {
            repairs?.Add(new Repair(subject, $"had MTU {end.Mtu} instead of {Mtu}"));
            batch.SetMtu(end.Index, Mtu);
        }

        IReadOnlyList<AddressEntry> addresses = targetSide.GetAddresses(end.Index);
        if (!HasAddress(addresses, Address, PrefixLength))
        {
            repairs?.Add(new Repair(subject, $"had lost {Address}/{PrefixLength}"));
            batch.EnsureAddress(new AddressEntry { Link = end.Index, Address = Address, PrefixLength = PrefixLength });
        }

        if (Address6 is not null && !HasAddress(addresses, Address6, PrefixLength6))
        {
            repairs?.Add(new Repair(subject, $"had lost {Address6}/{PrefixLength6}"));
            if (!IsInspection)
            {
                HostSysctl.TrySet(Target, $"net/ipv6/conf/{InterfaceName}/disable_ipv6", "0");
                // Neighbours on an overlay are no routers, whatever one of them advertises (CVE-2020-13401).
                HostSysctl.TrySet(Target, $"net/ipv6/conf/{InterfaceName}/accept_ra", "0");
            }

            // The address is the manager's choice; nobody else has it, and asking would keep it unusable for a second.
            batch.EnsureAddress(new AddressEntry { Link = end.Index, Address = Address6, PrefixLength = PrefixLength6, Flags = NoDuplicateDetection });
        }

        if (!end.IsUp)
        {
            repairs?.Add(new Repair(subject, "was down"));
            batch.SetUp(end.Index);
        }

        Execute(targetSide, batch);
        EnsureRoutes(targetSide, end, repairs);
    }

    /// <summary>Routes over the interface go when it goes down, or by whoever removes them.</summary>
    private void EnsureRoutes(Rtnetlink targetSide, LinkEntry end, List<Repair>? repairs)
    {
        if (Routes.Count == 0)
        {
            return;
        }

        var batch = new RtnetlinkBatch();
        IReadOnlyList<RouteEntry> present = targetSide.GetRoutes();
        foreach ((IPNetwork destination, IPAddress gateway) in Routes)
        {
            if (!present.Any(route => route.Destination.Equals(destination) && route.Link == end.Index && gateway.Equals(route.Gateway)))
            {
                repairs?.Add(new Repair($"route {destination} via {gateway}", "was missing"));
                batch.ReplaceRoute(new RouteEntry { Destination = destination, Gateway = gateway, Link = end.Index });
            }
        }

        Execute(targetSide, batch);
    }

    private void Execute(Rtnetlink side, RtnetlinkBatch batch)
    {
        if (!IsInspection)
        {
            side.Execute(batch);
        }
    }

    private static bool HasAddress(IReadOnlyList<AddressEntry> addresses, IPAddress address, int prefixLength) =>
        addresses.Any(entry => entry.Address.Equals(address) && entry.PrefixLength == prefixLength);
}
