namespace SwarmNet.Gossip.Wire;

/// <summary>LZW as Go's compress/lzw writes it: least significant bits first, 8-bit literals, codes of 9 to 12 bits, clear 256, end 257.</summary>
internal static class Lzw
{
    private const int Clear = 256;
    private const int End = 257;
    private const int MinWidth = 9;
    private const int MaxWidth = 12;
    private const int MaxCode = (1 << MaxWidth) - 1;
    private const int None = -1;

    /// <summary>False when the bytes are no LZW stream with an end, or expand beyond <paramref name="maxBytes"/>.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> source, int maxBytes, out byte[] decoded)
    {
        decoded = [];
        ushort[] prefix = new ushort[1 << MaxWidth];
        byte[] suffix = new byte[1 << MaxWidth];
        byte[] chain = new byte[1 << MaxWidth];
        byte[] output = new byte[Math.Min(maxBytes, Math.Max(256, source.Length * 3))];
        int length = 0;
        uint bits = 0;
        int bitCount = 0;
        int width = MinWidth;
        int next = End;
        int overflow = 1 << MinWidth;
        int last = None;
        int position = 0;
        while (true)
        {
            while (bitCount < width)
            {
                if (position == source.Length)
                {
                    return false;
                }

                bits |= (uint)source[position++] << bitCount;
                bitCount += 8;
            }

            int code = (int)(bits & ((1u << width) - 1));
            bits >>= width;
            bitCount -= width;
            if (code == Clear)
            {
                width = MinWidth;
                next = End;
                overflow = 1 << MinWidth;
                last = None;
                continue;
            }

            if (code == End)
            {
                decoded = output[..length];
                return true;
            }

            if (code > next || (code == next && last == None))
            {
                return false;
            }

            // Expand backwards into the end of chain.
            int start = chain.Length;
            int c = code;
            if (code == next)
            {
                // The code being defined: the last expansion and its own first byte.
                c = last;
                while (c >= Clear)
                {
                    c = prefix[c];
                }

                chain[--start] = (byte)c;
                c = last;
            }

            while (c >= Clear)
            {
                chain[--start] = suffix[c];
                c = prefix[c];
            }

            chain[--start] = (byte)c;
            int count = chain.Length - start;
            if (count > maxBytes - length)
            {
                return false;
            }

            if (length + count > output.Length)
            {
                Array.Resize(ref output, Math.Min(maxBytes, Math.Max(length + count, output.Length * 2)));
            }

            chain.AsSpan(start).CopyTo(output.AsSpan(length));
            length += count;
            if (last != None)
            {
                suffix[next] = (byte)c;
                prefix[next] = (ushort)last;
            }

            last = code;
            if (++next >= overflow)
            {
                if (width == MaxWidth)
                {
                    // The table is full until the encoder clears it.
                    last = None;
                    next--;
                }
                else
                {
                    width++;
                    overflow = 1 << width;
                }
            }
        }
    }

    public static byte[] Encode(ReadOnlySpan<byte> source)
    {
        BitWriter writer = new(source.Length + 64);
        Dictionary<int, int> table = [];
        int width = MinWidth;
        int next = End;
        int overflow = 1 << MinWidth;
        writer.Write(Clear, width);
        int code = None;
        foreach (byte literal in source)
        {
            if (code == None)
            {
                code = literal;
                continue;
            }

            int key = (code << 8) | literal;
            if (table.TryGetValue(key, out int known))
            {
                code = known;
                continue;
            }

            writer.Write(code, width);
            code = literal;
            if (AdvanceCode(ref writer, table, ref width, ref next, ref overflow))
            {
                table[key] = next;
            }
        }

        if (code != None)
        {
            writer.Write(code, width);
            AdvanceCode(ref writer, table, ref width, ref next, ref overflow);
        }

        writer.Write(End, width);
        return writer.Finish();
    }

    // False when the codes ran out and the table was cleared.
    private static bool AdvanceCode(ref BitWriter writer, Dictionary<int, int> table, ref int width, ref int next, ref int overflow)
    {
        if (++next == overflow)
        {
            width++;
            overflow <<= 1;
        }

        if (next != MaxCode)
        {
            return true;
        }

        writer.Write(Clear, width);
        width = MinWidth;
        next = End;
        overflow = 1 << MinWidth;
        table.Clear();
        return false;
    }

    private struct BitWriter(int capacity)
    {
        private byte[] _bytes = new byte[capacity];
        private int _length;
        private uint _bits;
        private int _count;

        public void Write(int code, int width)
        {
            _bits |= (uint)code << _count;
            _count += width;
            while (_count >= 8)
            {
                Add((byte)_bits);
                _bits >>= 8;
                _count -= 8;
            }
        }

        public byte[] Finish()
        {
            if (_count > 0)
            {
                Add((byte)_bits);
            }

            return _bytes[.._length];
        }

        private void Add(byte value)
        {
            if (_length == _bytes.Length)
            {
                Array.Resize(ref _bytes, _length * 2);
            }

            _bytes[_length++] = value;
        }
    }
}
