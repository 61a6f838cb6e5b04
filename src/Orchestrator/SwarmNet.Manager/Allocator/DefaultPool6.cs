using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace SwarmNet.Manager.Allocator;

/// <summary>Where IPv6 subnets come from in a swarm that was given no pool for them.</summary>
internal static class DefaultPool6
{
    /// <summary>Prefix length of the subnets (RFC 4291 §2.5.1).</summary>
    public const int SubnetSize = 64;

    /// <summary>
    /// A unique local prefix of 48 bits (RFC 4193 §3.1: fd and 40 random bits), the swarm's own, so that the networks of two swarms that come together do not meet. The random bits are
    /// drawn from the swarm's id, which is random: every leader finds the same.
    /// </summary>
    public static IPNetwork Of(string clusterId)
    {
        Span<byte> address = stackalloc byte[16];
        address[0] = 0xfd;
        SHA256.HashData(Encoding.UTF8.GetBytes(clusterId)).AsSpan(0, 5).CopyTo(address[1..]);
        return new IPNetwork(new IPAddress(address), 48);
    }
}
