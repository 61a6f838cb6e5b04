using System.Runtime.InteropServices;
using static SwarmNet.Netlink.NetlinkConstants;

namespace SwarmNet.Netlink;

/// <summary>Turns an offset of an extended ACK into names: <c>IFLA_LINKINFO/IFLA_INFO_DATA/IFLA_VXLAN_ID</c>.</summary>
internal static class NetlinkAttributePath
{
    private const int MaxDepth = 16;

    /// <summary>The path to the attribute at <paramref name="offset"/> of a request; null when there is none or nothing is known.</summary>
    internal static string? At(ReadOnlySpan<byte> request, int offset, NetlinkAttributeSet? attributes)
    {
        if (attributes is null || offset < HeaderLength || offset >= request.Length)
        {
            return null;
        }

        return Walk(request, HeaderLength, request.Length, offset, attributes, missing: 0);
    }

    /// <summary>
    /// The path of the attribute of type <paramref name="missing"/> that the kernel did not find in the nest at
    /// <paramref name="nestOffset"/> (0 = at the top).
    /// </summary>
    internal static string? Missing(ReadOnlySpan<byte> request, ushort missing, int nestOffset, NetlinkAttributeSet? attributes)
    {
        if (attributes is null || nestOffset >= request.Length)
        {
            return null;
        }

        return nestOffset == 0 ? attributes.NameOf(missing) : Walk(request, HeaderLength, request.Length, nestOffset, attributes, missing);
    }

    private static string? Walk(ReadOnlySpan<byte> request, int start, int end, int offset, NetlinkAttributeSet attributes, ushort missing)
    {
        string? path = null;
        for (int depth = 0; depth < MaxDepth; depth++)
        {
            int first = start + Align(attributes.HeaderBytes);
            int position = first;
            while (true)
            {
                if (position + AttributeHeaderLength > end)
                {
                    return path;
                }

                int length = MemoryMarshal.Read<ushort>(request[position..]);
                if (length < AttributeHeaderLength || position + length > end)
                {
                    return path;
                }

                if (offset < position + Align(length))
                {
                    break;
                }

                position += Align(length);
            }

            ushort type = (ushort)(MemoryMarshal.Read<ushort>(request[(position + 2)..]) & NLA_TYPE_MASK);
            path = path is null ? attributes.NameOf(type) : $"{path}/{attributes.NameOf(type)}";
            NetlinkAttributeSet nested = attributes.NestedIn(type, new NetlinkAttributeReader(request[first..end]));
            if (offset <= position)
            {
                return missing == 0 ? path : $"{path}/{nested.NameOf(missing)}";
            }

            start = position + AttributeHeaderLength;
            end = position + MemoryMarshal.Read<ushort>(request[position..]);
            attributes = nested;
        }

        return path;
    }
}
