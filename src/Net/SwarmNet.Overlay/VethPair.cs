using System.Net;
using SwarmNet.Linux;
using SwarmNet.Netlink;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Overlay;

/// <summary>
/// One end a port on our side (of a bridge, or routed), the other end an interface of a target namespace. The port's name carries
/// the target's address in hexadecimal, so the ports tell who is attached, also to a process that did not attach them.
/// </summary>
internal sealed record VethPair
{
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

    public int Mtu { get; init; } = 1500;

    public string PortName => PortOf(PortPrefix, Address);

    public static string PortOf(string prefix, IPAddress address) => $"{prefix}{address.ToUInt32():x8}";

    /// <summary>The target's address of a port with this prefix; null for other links.</summary>
    public static uint? AddressOf(LinkEntry port, string prefix) =>
        port.Kind == "veth" && port.Name.Length == prefix.Length + 8 && port.Name.StartsWith(prefix, StringComparison.Ordinal)
        && uint.TryParse(port.Name.AsSpan(prefix.Length), System.Globalization.NumberStyles.AllowHexSpecifier, null, out uint address)
            ? address
            : null;

    /// <summary>
    /// Makes the pair, or completes what is there. A port of that name whose other end is not the wanted interface is left over
    /// from a target that is gone, and replaced.
    /// </summary>
    /// <param name="portSide">Socket in the port's namespace.</param>
    /// <param name="targetSide">Socket in the target's namespace.</param>
    /// <returns>Index of the interface in the target's namespace.</returns>
    public int Ensure(Rtnetlink portSide, Rtnetlink targetSide)
    {
        if (InterfaceName.Length is 0 or > 15)
        {
            throw new ArgumentException($"The interface name \"{InterfaceName}\" must have 1 to 15 characters.");
        }

        LinkEntry? port = portSide.FindLink(PortName);
        LinkEntry? end = targetSide.FindLink(InterfaceName);
        bool complete = port is not null && end is not null && end.Link == port.Index && port.Link == end.Index && end.Address == Mac;
        var batch = new RtnetlinkBatch();
        if (!complete)
        {
            if (end is not null)
            {
                throw new OverlayException($"The interface {InterfaceName} exists already in {Target.Path} and is not the endpoint {Address}.");
            }

            batch.DeleteLink(PortName, ignoreMissing: true).AddLink(new VethSpec
            {
                Name = PortName,
                Mtu = Mtu,
                Master = Bridge == 0 ? null : Bridge,
                Group = Group,
                Up = true,
                Queues = 1, // what is in use anyway; made faster
                Peer = new VethPeer { Name = InterfaceName, Namespace = Target, Address = Mac, Mtu = Mtu, Queues = 1 },
            });
            portSide.Execute(batch);
            port = portSide.GetLink(PortName);
            end = targetSide.GetLink(InterfaceName);
            batch.Clear();
        }

        batch.SetAlias(port!.Index, $"{Address}");
        if (Bridge != 0 && port.Master != Bridge)
        {
            batch.SetMaster(port.Index, Bridge);
        }

        portSide.Execute(batch.SetUp(port.Index));
        batch.Clear();
        targetSide.Execute(batch
            .EnsureAddress(new AddressEntry { Link = end!.Index, Address = Address, PrefixLength = PrefixLength })
            .SetUp(end.Index));
        return end.Index;
    }
}
