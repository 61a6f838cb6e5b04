using System.Runtime.InteropServices;
using static SwarmNet.Netlink.NetlinkConstants;

namespace SwarmNet.Netlink;

/// <summary>Walks a list of attributes. Never throws: a length that does not fit ends the walk with <see cref="Malformed"/>.</summary>
public ref struct NetlinkAttributeReader
{
    private ReadOnlySpan<byte> _rest;

    /// <summary>Starts at the first attribute of <paramref name="attributes"/>.</summary>
    public NetlinkAttributeReader(ReadOnlySpan<byte> attributes) => _rest = attributes;

    /// <summary>True after <see cref="TryRead"/> returned false because of bad bytes rather than the end.</summary>
    public bool Malformed { readonly get; private set; }

    /// <summary>Moves to the next attribute; false at the end or at bad bytes.</summary>
    public bool TryRead(out NetlinkAttribute attribute)
    {
        attribute = default;
        if (_rest.IsEmpty)
        {
            return false;
        }

        if (_rest.Length < AttributeHeaderLength || !MemoryMarshal.TryRead(_rest, out ushort length)
            || length < AttributeHeaderLength || length > _rest.Length)
        {
            Malformed = true;
            _rest = default;
            return false;
        }

        ushort type = (ushort)(MemoryMarshal.Read<ushort>(_rest[2..]) & NLA_TYPE_MASK);
        attribute = new NetlinkAttribute(type, _rest[AttributeHeaderLength..length]);
        _rest = _rest[Math.Min(Align(length), _rest.Length)..];
        return true;
    }

    /// <summary>Finds the first attribute of <paramref name="type"/> from here on, without moving.</summary>
    public readonly bool TryFind(ushort type, out NetlinkAttribute attribute)
    {
        NetlinkAttributeReader copy = this;
        while (copy.TryRead(out attribute))
        {
            if (attribute.Type == type)
            {
                return true;
            }
        }

        return false;
    }
}
