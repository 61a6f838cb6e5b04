using System.Net;
using SwarmNet.Netlink.Route;
using SwarmNet.Overlay.Repairs;

namespace SwarmNet.Overlay.Networks;

/// <summary>One difference between what is wanted of a network and what the kernel has, and what removes it.</summary>
/// <param name="Repair">The difference in words.</param>
internal abstract record NetworkChange(Repair Repair)
{
    public sealed record Sysctl(string Name, string Value, Repair Repair) : NetworkChange(Repair);

    public sealed record DeleteLink(string Name, Repair Repair) : NetworkChange(Repair);

    public sealed record AddBridge(OverlaySubnet Subnet, Repair Repair) : NetworkChange(Repair);

    public sealed record AddTunnel(OverlaySubnet Subnet, Repair Repair) : NetworkChange(Repair);

    /// <summary>What is null stays as it is.</summary>
    public sealed record Link(int Index, Repair Repair) : NetworkChange(Repair)
    {
        public int? Mtu { get; init; }

        public int? Master { get; init; }

        public MacAddress? Mac { get; init; }

        public int? Group { get; init; }

        public bool Up { get; init; }
    }

    public sealed record BridgePort(int Index, BridgePortSpec Port, Repair Repair) : NetworkChange(Repair);

    public sealed record Address(AddressEntry Entry, bool Add, Repair Repair) : NetworkChange(Repair);

    public sealed record Stray(FdbEntry Entry, Repair Repair) : NetworkChange(Repair);

    public sealed record Forwarding(int Tunnel, ForwardingChange Entry, Repair Repair) : NetworkChange(Repair);
}
