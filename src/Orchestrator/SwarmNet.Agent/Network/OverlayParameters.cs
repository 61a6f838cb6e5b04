using System.Globalization;
using System.Net;
using SwarmNet.Agent.Tasks;
using SwarmNet.Protocol;
using NetworkMessage = SwarmNet.Protocol.Network;

namespace SwarmNet.Agent.Network;

/// <summary>What an allocated overlay network says about its data plane, parsed and checked.</summary>
/// <param name="Id">Network id.</param>
/// <param name="Name">Network name.</param>
/// <param name="Vni">VXLAN network identifier.</param>
/// <param name="Subnet">IPv4 subnet.</param>
/// <param name="Gateway">The bridge's address in it.</param>
/// <param name="Mtu">MTU of the endpoints' interfaces, bytes.</param>
/// <param name="IsInternal">No way out of it.</param>
/// <param name="IsIngress">It carries the routing mesh.</param>
/// <param name="IsEncrypted">Its tunnel packets must not travel in clear text.</param>
internal sealed record OverlayParameters(
    string Id, string Name, uint Vni, IPNetwork Subnet, IPAddress Gateway, int Mtu, bool IsInternal, bool IsIngress, bool IsEncrypted)
{
    /// <summary>Bytes that VXLAN over IPv4 adds: inner Ethernet 14, outer IPv4 20, UDP 8, VXLAN 8 (RFC 7348 §5).</summary>
    private const int VxlanOverhead = 50;

    /// <summary>
    /// Bytes that ESP with AES-GCM adds to it: SPI 4, sequence number 4, IV 8, padding length 1, next header 1, integrity check value 8 (RFC 4303 §2,
    /// RFC 4106 §3); what is in between is a multiple of 4 bytes long.
    /// </summary>
    private const int EspOverhead = 26;

    private const int EspAlignment = 4;
    private const string EncryptedOption = "encrypted";
    private const string VniOption = "com.docker.network.driver.overlay.vxlanid_list";
    private const string MtuOption = "com.docker.network.driver.mtu";

    /// <summary>Throws <see cref="TaskException"/> for a network that this node cannot build.</summary>
    public static OverlayParameters Of(NetworkMessage network, int underlayMtu)
    {
        var name = network.Spec?.Annotations?.Name ?? network.Id;
        if (network.DriverState is not { Name: "overlay" } driver)
        {
            throw new TaskException($"network {name} uses the driver \"{network.DriverState?.Name}\": this node builds overlay networks only");
        }

        var vni = driver.Options.GetValueOrDefault(VniOption, "").Split(',')[0];
        if (!uint.TryParse(vni, NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id is 0 or >= 1 << 24)
        {
            throw new TaskException($"network {name} has no VXLAN network identifier yet", isTemporary: true);
        }

        var config = network.Ipam?.Configs.FirstOrDefault(c => c.Family is IPAMConfig.Types.AddressFamily.Ipv4 or IPAMConfig.Types.AddressFamily.Unknown);
        if (config is null || !IPNetwork.TryParse(config.Subnet, out var subnet) || !IPAddress.TryParse(config.Gateway.Split('/')[0], out var gateway))
        {
            throw new TaskException($"network {name} has no IPv4 subnet with a gateway yet", isTemporary: true);
        }

        var mtu = network.Spec?.DriverConfig?.Options.TryGetValue(MtuOption, out var text) == true && int.TryParse(text, out var wanted) ? wanted : underlayMtu;
        var isEncrypted = driver.Options.ContainsKey(EncryptedOption) || network.Spec?.DriverConfig?.Options.ContainsKey(EncryptedOption) == true;
        var inner = isEncrypted ? (mtu - VxlanOverhead - EspOverhead) / EspAlignment * EspAlignment : mtu - VxlanOverhead;
        return new OverlayParameters(network.Id, name, id, subnet, gateway, inner, network.Spec?.Internal == true, network.Spec?.Ingress == true, isEncrypted);
    }
}
