namespace SwarmNet.Dns;

/// <summary>
/// Names on the wire (RFC 1035 §3.1, §4.1.4): labels of a length byte and up to 63 bytes, ended by a zero byte or by a pointer
/// (two top bits set) to an earlier name.
/// </summary>
public static class DnsName
{
    /// <summary>Longest name on the wire, in bytes.</summary>
    public const int MaxWireLength = 255;

    /// <summary>Longest name as text without the last dot, in characters.</summary>
    public const int MaxTextLength = 253;

    /// <summary>
    /// Reads the name at <paramref name="offset"/> as text without the last dot (the root is empty). False for bad bytes, including a
    /// pointer that does not point backwards, and for labels that text cannot say: with a dot or bytes that are not printable ASCII.
    /// </summary>
    /// <param name="message">The whole message, for pointers.</param>
    /// <param name="offset">Where the name starts.</param>
    /// <param name="text">Receives the characters; at least <see cref="MaxTextLength"/> + 1.</param>
    /// <param name="length">Number of characters.</param>
    /// <param name="next">Offset behind the name in the place where it started.</param>
    public static bool TryRead(ReadOnlySpan<byte> message, int offset, Span<char> text, out int length, out int next)
    {
        length = 0;
        next = -1;
        int wireLength = 1;
        int limit = offset; // a pointer must lead before everything read so far: no loop is possible
        int position = offset;
        while (true)
        {
            if ((uint)position >= (uint)message.Length)
            {
                return false;
            }

            int count = message[position];
            if (count == 0)
            {
                next = next < 0 ? position + 1 : next;
                return true;
            }

            if (count >= 0xc0)
            {
                if (position + 1 >= message.Length)
                {
                    return false;
                }

                int target = ((count & 0x3f) << 8) | message[position + 1];
                if (target >= limit)
                {
                    return false;
                }

                next = next < 0 ? position + 2 : next;
                limit = target;
                position = target;
                continue;
            }

            wireLength += count + 1;
            if (count > 63 || wireLength > MaxWireLength || position + 1 + count > message.Length)
            {
                return false;
            }

            if (!AppendLabel(message.Slice(position + 1, count), text, ref length))
            {
                return false;
            }

            position += 1 + count;
        }
    }

    /// <summary>Skips the name at <paramref name="offset"/> without following pointers; false for bad bytes.</summary>
    public static bool TrySkip(ReadOnlySpan<byte> message, int offset, out int next)
    {
        next = offset;
        while ((uint)next < (uint)message.Length)
        {
            int count = message[next];
            if (count == 0)
            {
                next++;
                return next - offset <= MaxWireLength;
            }

            if (count >= 0xc0)
            {
                next += 2;
                return next <= message.Length;
            }

            if (count > 63)
            {
                return false;
            }

            next += 1 + count;
        }

        return false;
    }

    /// <summary>
    /// Writes text (with or without a last dot) as labels without compression; false when a label is empty or longer than 63 bytes, or
    /// the whole does not fit.
    /// </summary>
    public static bool TryWrite(ReadOnlySpan<char> text, Span<byte> destination, out int written)
    {
        written = 0;
        text = text.EndsWith(".") ? text[..^1] : text;
        while (!text.IsEmpty)
        {
            int dot = text.IndexOf('.');
            ReadOnlySpan<char> label = dot < 0 ? text : text[..dot];
            text = dot < 0 ? default : text[(dot + 1)..];
            if (label.Length is 0 or > 63 || (dot >= 0 && text.IsEmpty) || written + label.Length + 2 > Math.Min(destination.Length, MaxWireLength))
            {
                return false;
            }

            destination[written++] = (byte)label.Length;
            foreach (char c in label)
            {
                if (c is <= ' ' or > '~')
                {
                    return false;
                }

                destination[written++] = (byte)c;
            }
        }

        if (written >= destination.Length)
        {
            return false;
        }

        destination[written++] = 0;
        return true;
    }

    private static bool AppendLabel(ReadOnlySpan<byte> label, Span<char> text, ref int length)
    {
        if (length + label.Length + 1 > text.Length)
        {
            return false;
        }

        if (length > 0)
        {
            text[length++] = '.';
        }

        foreach (byte b in label)
        {
            if (b is <= (byte)' ' or > (byte)'~' or (byte)'.')
            {
                return false;
            }

            text[length++] = (char)b;
        }

        return true;
    }
}
