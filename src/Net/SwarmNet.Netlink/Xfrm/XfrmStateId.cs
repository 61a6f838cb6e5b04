using System.Net;

namespace SwarmNet.Netlink.Xfrm;

/// <summary>What names a state (<c>struct xfrm_usersa_id</c>): destination, SPI and protocol, and its mark when it has one.</summary>
/// <param name="Destination">Destination of the protected packets.</param>
/// <param name="Spi">Security parameter index, in host order.</param>
/// <param name="Protocol">50 = ESP.</param>
/// <param name="Mark">The mark it was made with, or null.</param>
public readonly record struct XfrmStateId(IPAddress Destination, uint Spi, byte Protocol = XfrmStateSpec.Esp, XfrmMark? Mark = null);
