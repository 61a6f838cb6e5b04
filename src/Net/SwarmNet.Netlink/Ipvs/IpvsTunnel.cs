namespace SwarmNet.Netlink.Ipvs;

/// <summary>The tunnel to a destination; the default is IP in IP.</summary>
/// <param name="Type">The wrapping.</param>
/// <param name="Port">UDP port, for <see cref="IpvsTunnelType.Gue"/>.</param>
/// <param name="Flags">1 = with checksum, 2 = with remote checksum offload (IP_VS_TUNNEL_ENCAP_FLAG_*).</param>
public readonly record struct IpvsTunnel(IpvsTunnelType Type, ushort Port = 0, ushort Flags = 0);
