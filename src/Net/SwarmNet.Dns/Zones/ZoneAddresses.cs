using System.Net;
using System.Net.Sockets;

namespace SwarmNet.Dns;

/// <summary>The addresses of one name, as they go into RDATA.</summary>
internal sealed class ZoneAddresses
{
    private readonly byte[] _ip4;
    private readonly byte[] _ip6;

    internal ZoneAddresses(IEnumerable<IPAddress> addresses)
    {
        ILookup<bool, IPAddress> byFamily = addresses.ToLookup(static a => a.AddressFamily == AddressFamily.InterNetwork);
        _ip4 = [.. byFamily[true].SelectMany(static a => a.GetAddressBytes())];
        _ip6 = [.. byFamily[false].SelectMany(static a => a.GetAddressBytes())];
    }

    /// <summary>4 bytes each.</summary>
    internal ReadOnlySpan<byte> IPv4 => _ip4;

    /// <summary>16 bytes each.</summary>
    internal ReadOnlySpan<byte> IPv6 => _ip6;
}
