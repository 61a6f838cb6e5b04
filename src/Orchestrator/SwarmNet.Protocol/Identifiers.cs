using System.Numerics;
using System.Security.Cryptography;

namespace SwarmNet.Protocol;

/// <summary>
/// Identifiers of swarm objects: 25 characters of <c>[0-9a-z]</c>, made from 17 random bytes whose top bit is set,
/// written in base 36 without the first character (SwarmKit <c>identity.NewID</c>). Opaque to readers.
/// </summary>
public static class Identifiers
{
    /// <summary>Characters in an identifier.</summary>
    public const int Length = 25;

    private const string Digits = "0123456789abcdefghijklmnopqrstuvwxyz";

    /// <summary>A new identifier from the system's random generator.</summary>
    public static string New()
    {
        Span<byte> random = stackalloc byte[17];
        RandomNumberGenerator.Fill(random);
        return FromRandom(random);
    }

    /// <summary>The identifier of 17 random bytes (the caller's generator makes it replayable).</summary>
    public static string FromRandom(ReadOnlySpan<byte> random)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(random.Length, 17);
        Span<byte> bytes = stackalloc byte[17];
        random.CopyTo(bytes);
        bytes[0] |= 0x80;
        return Base36(bytes, 0)[1..(Length + 1)];
    }

    /// <summary>The big-endian integer <paramref name="bytes"/> in lower-case base 36, left-padded with <c>0</c> to <paramref name="width"/>.</summary>
    public static string Base36(ReadOnlySpan<byte> bytes, int width)
    {
        var value = new BigInteger(bytes, isUnsigned: true, isBigEndian: true);
        var text = new Stack<char>();
        while (value > 0)
        {
            value = BigInteger.DivRem(value, 36, out var digit);
            text.Push(Digits[(int)digit]);
        }

        return new string(text.ToArray()).PadLeft(width, '0');
    }
}
