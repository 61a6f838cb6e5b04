using System.Buffers.Binary;

namespace SwarmNet.Gossip.Wire;

/// <summary>
/// Reads the msgpack subset of memberlist. Every method returns false on bad or missing bytes; <see cref="NeedsMore"/> tells the two apart.
/// </summary>
internal ref struct MsgPackReader(ReadOnlySpan<byte> source)
{
    private const int MaxDepth = 8;

    private readonly ReadOnlySpan<byte> _source = source;

    public int Position { get; private set; }

    /// <summary>True when the last failure came from the end of the bytes.</summary>
    public bool NeedsMore { get; private set; }

    public bool TryReadMapHeader(out int count)
    {
        count = 0;
        if (!TryReadByte(out byte head))
        {
            return false;
        }

        if ((head & 0xF0) == 0x80)
        {
            count = head & 0x0F;
            return true;
        }

        return head switch
        {
            0xC0 => true,
            0xDE => TryReadLength(2, out count),
            0xDF => TryReadLength(4, out count),
            _ => false,
        };
    }

    /// <summary>Strings and bytes of either family; nil reads as empty.</summary>
    public bool TryReadRaw(out ReadOnlySpan<byte> value)
    {
        value = default;
        if (!TryReadByte(out byte head))
        {
            return false;
        }

        int length;
        bool known = head switch
        {
            0xC0 => Is(0, out length),
            >= 0xA0 and <= 0xBF => Is(head & 0x1F, out length),
            0xD9 or 0xC4 => TryReadLength(1, out length),
            0xDA or 0xC5 => TryReadLength(2, out length),
            0xDB or 0xC6 => TryReadLength(4, out length),
            _ => Is(-1, out length),
        };
        if (!known || length < 0 || !Has(length))
        {
            return false;
        }

        value = _source.Slice(Position, length);
        Position += length;
        return true;
    }

    /// <summary>Any integer form that is not negative; nil reads as 0.</summary>
    public bool TryReadUnsigned(out ulong value)
    {
        value = 0;
        if (!TryReadByte(out byte head))
        {
            return false;
        }

        if (head <= 0x7F)
        {
            value = head;
            return true;
        }

        int bytes = head switch { 0xCC or 0xD0 => 1, 0xCD or 0xD1 => 2, 0xCE or 0xD2 => 4, 0xCF or 0xD3 => 8, 0xC0 => 0, _ => -1 };
        if (bytes < 0 || !Has(bytes))
        {
            return false;
        }

        for (int i = 0; i < bytes; i++)
        {
            value = (value << 8) | _source[Position++];
        }

        // Signed forms: the top bit must be clear.
        return head < 0xD0 || (value >> ((8 * bytes) - 1)) == 0;
    }

    public bool TryReadBool(out bool value)
    {
        value = false;
        if (!TryReadByte(out byte head))
        {
            return false;
        }

        value = head == 0xC3;
        return head is 0xC0 or 0xC2 or 0xC3;
    }

    /// <summary>Passes over one value of any type.</summary>
    public bool TrySkip() => TrySkip(0);

    private bool TrySkip(int depth)
    {
        if (depth > MaxDepth || !TryReadByte(out byte head))
        {
            return false;
        }

        int values = 0;
        int bytes = 0;
        bool known = head switch
        {
            <= 0x7F or >= 0xE0 or 0xC0 or 0xC2 or 0xC3 => true,
            <= 0x8F => Is(2 * (head & 0x0F), out values),
            <= 0x9F => Is(head & 0x0F, out values),
            <= 0xBF => Is(head & 0x1F, out bytes),
            0xC4 or 0xD9 => TryReadLength(1, out bytes),
            0xC5 or 0xDA => TryReadLength(2, out bytes),
            0xC6 or 0xDB => TryReadLength(4, out bytes),
            0xCC or 0xD0 => Is(1, out bytes),
            0xCD or 0xD1 => Is(2, out bytes),
            0xCA or 0xCE or 0xD2 => Is(4, out bytes),
            0xCB or 0xCF or 0xD3 => Is(8, out bytes),
            0xDC => TryReadLength(2, out values),
            0xDD => TryReadLength(4, out values),
            0xDE => TryReadLength(2, out values) && Is(values * 2, out values),
            0xDF => TryReadLength(4, out values) && values < int.MaxValue / 2 && Is(values * 2, out values),
            _ => false,
        };
        if (!known || !Has(bytes))
        {
            return false;
        }

        Position += bytes;
        for (int i = 0; i < values; i++)
        {
            if (!TrySkip(depth + 1))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Is(int number, out int value)
    {
        value = number;
        return true;
    }

    private bool TryReadLength(int bytes, out int length)
    {
        length = 0;
        if (!Has(bytes))
        {
            return false;
        }

        ReadOnlySpan<byte> span = _source[Position..];
        uint value = bytes switch
        {
            1 => span[0],
            2 => BinaryPrimitives.ReadUInt16BigEndian(span),
            _ => BinaryPrimitives.ReadUInt32BigEndian(span),
        };
        Position += bytes;
        length = (int)Math.Min(value, int.MaxValue);
        return value <= int.MaxValue;
    }

    private bool TryReadByte(out byte value)
    {
        value = 0;
        if (!Has(1))
        {
            return false;
        }

        value = _source[Position++];
        return true;
    }

    private bool Has(int count)
    {
        NeedsMore = count > _source.Length - Position;
        return !NeedsMore;
    }
}
