using System.Net;
using SwarmNet.Netlink.NfTables;

namespace SwarmNet.Overlay.Balancing;

/// <summary>Frontend = virtual address, target = backend's address, both of one family.</summary>
internal abstract class AddressCodec : FrontendCodec
{
    /// <summary>The two families.</summary>
    public static AddressCodec Of(NfFamily family) => family == NfFamily.Ip6 ? new Vip6Codec() : new VipCodec();

    public sealed override IReadOnlyList<string> Ways { get; } = [""];

    public sealed override int WayOf(ulong frontend) => 0;

    /// <summary>The address as a frontend or target.</summary>
    /// <exception cref="ArgumentException">It is of another family.</exception>
    public abstract ulong IdOf(IPAddress address);

    /// <summary>The address of a frontend or target.</summary>
    public abstract IPAddress AddressOf(ulong id);
}
