using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SwarmNet.Agent.Network;

/// <summary>An address of an interface, such as <c>fd00:1::5/64</c>.</summary>
/// <param name="Address">The address.</param>
/// <param name="PrefixLength">Prefix length of its subnet.</param>
internal sealed record InterfaceAddress(IPAddress Address, int PrefixLength)
{
    /// <summary>Parses an IPv6 one; false for everything else.</summary>
    public static bool TryParse6(string cidr, [NotNullWhen(true)] out InterfaceAddress? address)
    {
        address = null;
        var parts = cidr.Split('/');
        if (parts.Length != 2 || !IPAddress.TryParse(parts[0], out var ip) || ip.AddressFamily != AddressFamily.InterNetworkV6 || ip.ScopeId != 0
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > 128)
        {
            return false;
        }

        address = new InterfaceAddress(ip, length);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Address}/{PrefixLength}";
}
