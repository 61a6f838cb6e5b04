using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Security.Cryptography;
using SwarmNet.Protocol;

namespace SwarmNet.Ca;

/// <summary>
/// The token with which a node joins: <c>SWMTKN-1-&lt;digest&gt;-&lt;secret&gt;</c> (version 2 with a FIPS flag before the digest). The digest
/// pins the root certificate, the secret decides the role.
/// </summary>
public sealed record JoinToken
{
    private const string Prefix = "SWMTKN";
    private const int DigestLength = 50;
    private const int SecretLength = 25;

    private JoinToken(string digest, string secret, bool fips)
    {
        Digest = digest;
        Secret = secret;
        Fips = fips;
    }

    /// <summary>SHA-256 of the root's exact bytes, as a big-endian integer in base 36, 50 characters.</summary>
    public string Digest { get; }

    /// <summary>16 random bytes in base 36, 25 characters.</summary>
    public string Secret { get; }

    /// <summary>The swarm admits FIPS nodes only.</summary>
    public bool Fips { get; }

    /// <summary>The digest as hexadecimal text, as Docker shows it.</summary>
    public string DigestHex
    {
        get
        {
            var value = BigInteger.Zero;
            foreach (var digit in Digest)
            {
                value = (value * 36) + (char.IsAsciiDigit(digit) ? digit - '0' : digit - 'a' + 10);
            }

            // 50 base-36 digits hold a little more than 256 bits; a digest that large matches no root.
            return Convert.ToHexStringLower(value.ToByteArray(isUnsigned: true, isBigEndian: true)).PadLeft(64, '0');
        }
    }

    /// <summary>A token with a fresh secret for this root.</summary>
    /// <param name="rootPem">The root certificate, the exact bytes that GetRootCACertificate answers, final newline included.</param>
    public static JoinToken Create(ReadOnlySpan<byte> rootPem)
    {
        Span<byte> secret = stackalloc byte[16];
        RandomNumberGenerator.Fill(secret);
        return new JoinToken(DigestOf(rootPem), Identifiers.Base36(secret, SecretLength), fips: false);
    }

    /// <summary>Reads a token; false unless it has the right parts of the right lengths and digits.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out JoinToken? token)
    {
        token = null;
        var parts = text?.Split('-');
        if (parts is [Prefix, "1", var digest, var secret] && IsBase36(digest, DigestLength) && IsBase36(secret, SecretLength))
        {
            token = new JoinToken(digest, secret, fips: false);
        }
        else if (parts is [Prefix, "2", "0" or "1", var digest2, var secret2] && IsBase36(digest2, DigestLength) && IsBase36(secret2, SecretLength))
        {
            token = new JoinToken(digest2, secret2, fips: parts[2] == "1");
        }

        return token is not null;
    }

    /// <summary>Whether these are the bytes that the token was made for.</summary>
    public bool Matches(ReadOnlySpan<byte> rootPem) => Digest == DigestOf(rootPem);

    /// <summary>The digest part of tokens for this root.</summary>
    public static string DigestOf(ReadOnlySpan<byte> rootPem) => Identifiers.Base36(SHA256.HashData(rootPem), DigestLength);

    /// <inheritdoc/>
    public override string ToString() => Fips ? $"{Prefix}-2-1-{Digest}-{Secret}" : $"{Prefix}-1-{Digest}-{Secret}";

    private static bool IsBase36(string part, int length) => part.Length == length && part.AsSpan().IndexOfAnyExcept(s_digits) < 0;

    private static readonly System.Buffers.SearchValues<char> s_digits = System.Buffers.SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyz");
}
