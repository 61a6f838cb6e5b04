using System.Net;
using FsCheck;
using FsCheck.Fluent;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Netlink;

/// <summary>Generators of what all families' messages hold.</summary>
internal static class Generators
{
    internal static Gen<bool> Bool => Gen.Elements(true, false);

    internal static Gen<byte> U8 => Gen.Choose(0, byte.MaxValue).Select(v => (byte)v);

    internal static Gen<ushort> U16 => Gen.Choose(0, ushort.MaxValue).Select(v => (ushort)v);

    /// <summary>All of the range, its ends more often.</summary>
    internal static Gen<uint> U32 => Gen.Frequency(
        (4, from high in U16 from low in U16 select ((uint)high << 16) | low),
        (1, Gen.Elements(0u, 1u, uint.MaxValue, 0x80000000u)));

    internal static Gen<ulong> U64 => from high in U32 from low in U32 select ((ulong)high << 32) | low;

    /// <summary>An interface index.</summary>
    internal static Gen<int> Link => Gen.Choose(1, int.MaxValue);

    internal static Gen<string> LinkName => from length in Gen.Choose(1, 15)
                                            from letters in Gen.Elements("abcdefghijklmnopqrstuvwxyz0123456789-_.ä".ToCharArray()).ArrayOf(length)
                                            let name = new string(letters)
                                            where System.Text.Encoding.UTF8.GetByteCount(name) <= 15
                                            select name;

    internal static Gen<MacAddress> Mac => Bytes(6).Select(b => MacAddress.TryRead(b, out MacAddress mac) ? mac : default);

    internal static Gen<IPAddress> IPv4 => Bytes(4).Select(b => new IPAddress(b));

    internal static Gen<IPAddress> IPv6 => Bytes(16).Select(b => new IPAddress(b));

    internal static Gen<IPAddress> Address => Gen.OneOf(IPv4, IPv6);

    /// <summary>Two addresses of one family.</summary>
    internal static Gen<(IPAddress First, IPAddress Second)> AddressPair =>
        Gen.OneOf(from a in IPv4 from b in IPv4 select (a, b), from a in IPv6 from b in IPv6 select (a, b));

    internal static Gen<IPNetwork> NetworkOf(Gen<IPAddress> addresses) =>
        from address in addresses
        let bytes = address.GetAddressBytes()
        from prefixLength in Gen.Choose(0, bytes.Length * 8)
        select Mask(bytes, prefixLength);

    /// <summary>Two networks of one family.</summary>
    internal static Gen<(IPNetwork First, IPNetwork Second)> NetworkPair => Gen.OneOf(
        from a in NetworkOf(IPv4) from b in NetworkOf(IPv4) select (a, b),
        from a in NetworkOf(IPv6) from b in NetworkOf(IPv6) select (a, b));

    internal static Gen<byte[]> Bytes(int length) => U8.ArrayOf(length);

    internal static Gen<T?> OrNull<T>(this Gen<T> values)
        where T : struct => Gen.Frequency((1, Gen.Constant<T?>(null)), (3, values.Select(v => (T?)v)));

    internal static Gen<T?> OrNone<T>(this Gen<T> values)
        where T : class => Gen.Frequency((1, Gen.Constant<T?>(null)), (3, values.Select(v => (T?)v)));

    private static IPNetwork Mask(byte[] bytes, int prefixLength)
    {
        for (int bit = prefixLength; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        return new IPNetwork(new IPAddress(bytes), prefixLength);
    }
}
