using System.Globalization;
using System.Net;
using System.Net.Sockets;
using SwarmNet.Agent.Tasks;
using SwarmNet.Overlay;
using SwarmNet.Overlay.Networks;
using SwarmNet.Protocol;
using NetworkMessage = SwarmNet.Protocol.Network;

namespace SwarmNet.Agent.Network;

/// <summary>What an allocated overlay network says about its data plane, parsed and checked.</summary>
/// <param name="Id">Network id.</param>
/// <param name="Name">Network name.</param>
/// <param name="Subnets">IPv4 subnets, at least one, each with its VXLAN network identifier and the bridge's address in it.</param>
/// <param name="Mtu">MTU of the endpoints' interfaces, bytes.</param>
/// <param name="IsInternal">No way out of it.</param>
/// <param name="IsIngress">It carries the routing mesh.</param>
/// <param name="IsEncrypted">Its tunnel packets must not travel in clear text.</param>
internal sealed record OverlayParameters(
    string Id, string Name, IReadOnlyList<OverlaySubnet> Subnets, int Mtu, bool IsInternal, bool IsIngress, bool IsEncrypted)
{
    /// <summary>
    /// Bytes that ESP with AES-GCM adds to it: SPI 4, sequence number 4, IV 8, padding length 1, next header 1, integrity check value 8 (RFC 4303 §2,
    /// RFC 4106 §3); what is in between is a multiple of 4 bytes long.
    /// </summary>
    private const int EspOverhead = 26;

    private const int EspAlignment = 4;
    private const string EncryptedOption = "encrypted";
    private const string VniOption = "com.docker.network.driver.overlay.vxlanid_list";
    private const string MtuOption = "com.docker.network.driver.mtu";

    /// <summary>IPv6 addresses of its endpoints, in the tunnel of the first subnet; null = it has none.</summary>
    public IPNetwork? Subnet6 { get; init; }

    /// <summary>The first identifier, by which rules for the whole network know its tunnel packets.</summary>
    public uint Vni => Subnets[0].Vni;

    private static IPNetwork? Subnet6Of(NetworkMessage network, string name) =>
        network.Ipam?.Configs.FirstOrDefault(c => c.Family == IPAMConfig.Types.AddressFamily.Ipv6) is not { } config ? null
        : IPNetwork.TryParse(config.Subnet, out var subnet) && subnet.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6 ? subnet
        : throw new TaskException($"network {name} has the IPv6 subnet {config.Subnet}, which is none: fd00:1::/64 would be one");

    /// <summary>Throws <see cref="TaskException"/> for a network that this node cannot build.</summary>
    public static OverlayParameters Of(NetworkMessage network, int underlayMtu, AddressFamily underlay = AddressFamily.InterNetwork)
    {
        var name = network.Spec?.Annotations?.Name ?? network.Id;
        if (network.DriverState is not { Name: "overlay" } driver)
        {
            throw new TaskException($"network {name} uses the driver \"{network.DriverState?.Name}\": this node builds overlay networks only");
        }

        var vnis = driver.Options.GetValueOrDefault(VniOption, "").Split(',');
        var configs = network.Ipam?.Configs.Where(c => c.Family is IPAMConfig.Types.AddressFamily.Ipv4 or IPAMConfig.Types.AddressFamily.Unknown).ToList() ?? [];
        var subnets = new List<OverlaySubnet>();
        foreach (var config in configs)
        {
            if (!IPv4Prefix.TryParse(config.Subnet, out var subnet) || !IPAddress.TryParse(config.Gateway.Split('/')[0], out var gateway))
            {
                throw new TaskException($"network {name} has no IPv4 subnet with a gateway yet", isTemporary: true);
            }

            if (subnets.Count >= vnis.Length || !uint.TryParse(vnis[subnets.Count], NumberStyles.None, CultureInfo.InvariantCulture, out var vni) || vni is 0 or >= 1 << 24)
            {
                throw new TaskException($"network {name} has no VXLAN network identifier yet", isTemporary: true);
            }

            subnets.Add(new OverlaySubnet(vni, subnet, gateway));
        }

        if (subnets.Count == 0)
        {
            throw new TaskException($"network {name} has no IPv4 subnet with a gateway yet", isTemporary: true);
        }

        var mtu = underlayMtu;
        if (network.Spec?.DriverConfig?.Options.TryGetValue(MtuOption, out var text) == true && !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out mtu))
        {
            throw new TaskException($"network {name} has the driver option {MtuOption}={text}, which is no number: the MTU of the network between the nodes, such as 1500, would be right");
        }

        var overhead = OverlayNetworkOptions.Overhead(underlay);
        var isEncrypted = driver.Options.ContainsKey(EncryptedOption) || network.Spec?.DriverConfig?.Options.ContainsKey(EncryptedOption) == true;
        var inner = isEncrypted ? (mtu - overhead - EspOverhead) / EspAlignment * EspAlignment : mtu - overhead;
        var subnet6 = Subnet6Of(network, name);
        var least = subnet6 is null ? OverlayNetworkOptions.MinimumMtu : OverlayNetworkOptions.MinimumMtu6;
        if (inner < least || inner > ushort.MaxValue)
        {
            throw new TaskException($"network {name} cannot have an MTU of {mtu}: {overhead} bytes of it are the tunnel's, and {inner} are left, where {least} to 65535 would be right");
        }

        return new OverlayParameters(network.Id, name, subnets, inner, network.Spec?.Internal == true, network.Spec?.Ingress == true, isEncrypted) { Subnet6 = subnet6 };
    }
}
