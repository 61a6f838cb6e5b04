using System.Runtime.InteropServices;
using static SwarmNet.Netlink.NetlinkConstants;

namespace SwarmNet.Netlink;

/// <summary>Walks the messages of one datagram. Never throws: a length that does not fit ends the walk with <see cref="Malformed"/>.</summary>
public ref struct NetlinkReader
{
    private ReadOnlySpan<byte> _rest;

    /// <summary>Starts at the first byte of <paramref name="datagram"/>.</summary>
    public NetlinkReader(ReadOnlySpan<byte> datagram) => _rest = datagram;

    /// <summary>True after <see cref="TryRead"/> returned false because of bad bytes rather than the end.</summary>
    public bool Malformed { readonly get; private set; }

    /// <summary>Moves to the next message; false at the end or at bad bytes.</summary>
    public bool TryRead(out NetlinkMessage message)
    {
        message = default;
        if (_rest.IsEmpty)
        {
            return false;
        }

        if (_rest.Length < HeaderLength || !MemoryMarshal.TryRead(_rest, out uint length)
            || length < HeaderLength || length > (uint)_rest.Length)
        {
            Malformed = true;
            _rest = default;
            return false;
        }

        message = new NetlinkMessage(
            MemoryMarshal.Read<ushort>(_rest[4..]),
            (NetlinkFlags)MemoryMarshal.Read<ushort>(_rest[6..]),
            MemoryMarshal.Read<uint>(_rest[8..]),
            MemoryMarshal.Read<uint>(_rest[12..]),
            _rest[HeaderLength..(int)length]);
        _rest = _rest[Math.Min(Align((int)length), _rest.Length)..];
        return true;
    }
}
