using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace SwarmNet.Overlay;

/// <summary>An IPv4 subnet: network address and prefix length (RFC 4632).</summary>
public readonly record struct IPv4Prefix
{
    private readonly uint _network;

    /// <summary>Creates the subnet that contains <paramref name="address"/>; host bits are cleared.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The prefix length is not 0 to 32.</exception>
    public IPv4Prefix(IPAddress address, int length)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, 32);
        Length = length;
        _network = address.ToUInt32() & Mask(length);
    }

    private IPv4Prefix(uint network, int length)
    {
        Length = length;
        _network = network & Mask(length);
    }

    /// <summary>Number of leading bits that all addresses share.</summary>
    public int Length { get; }

    /// <summary>The address with all host bits 0.</summary>
    public IPAddress Network => _network.ToIPAddress();

    /// <summary>The subnet's first usable address.</summary>
    public IPAddress First => (_network + 1).ToIPAddress();

    internal uint NetworkValue => _network;

    internal uint BroadcastValue => _network | ~Mask(Length);

    /// <summary>Parses "172.18.0.0/16".</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out IPv4Prefix prefix)
    {
        prefix = default;
        if (!IPNetwork.TryParse(text, out IPNetwork network) || network.BaseAddress.AddressFamily != System.Net.Sockets.AddressFamily.InterNetwork)
        {
            return false;
        }

        prefix = new IPv4Prefix(network.BaseAddress, network.PrefixLength);
        return true;
    }

    /// <summary>Parses "172.18.0.0/16".</summary>
    /// <exception cref="FormatException">The text is not an IPv4 subnet.</exception>
    public static IPv4Prefix Parse(string text) => TryParse(text, out IPv4Prefix prefix)
        ? prefix
        : throw new FormatException($"\"{text}\" is not an IPv4 subnet such as 10.0.1.0/24.");

    /// <summary>Whether the subnet contains the address.</summary>
    public bool Contains(IPAddress address) => (address.ToUInt32() & Mask(Length)) == _network;

    /// <summary>Whether the two subnets share an address.</summary>
    public bool Overlaps(IPv4Prefix other)
    {
        uint mask = Mask(Math.Min(Length, other.Length));
        return (_network & mask) == (other._network & mask);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Network}/{Length}";

    internal static IPv4Prefix FromValue(uint network, int length) => new(network, length);

    private static uint Mask(int length) => length == 0 ? 0 : uint.MaxValue << (32 - length);
}
