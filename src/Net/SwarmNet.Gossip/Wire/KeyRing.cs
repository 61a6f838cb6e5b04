using System.Security.Cryptography;

namespace SwarmNet.Gossip.Wire;

/// <summary>
/// The keys of a pool: the first encrypts, all are tried to decrypt. Ciphertext: u8 version, 12 bytes nonce, ciphertext, 16 bytes tag (AES-GCM).
/// An empty ring means no encryption. Immutable and thread-safe.
/// </summary>
internal sealed class KeyRing
{
    public const int OverheadBytes = 1 + NonceBytes + TagBytes;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    // The platform's object keeps one cipher context: packets are sealed and opened on several threads, one at a time.
    private readonly Lock _lock = new();
    private readonly AesGcm[] _keys;

    public KeyRing(IReadOnlyList<byte[]> keys)
    {
        foreach (byte[] key in keys)
        {
            if (key.Length is not (16 or 24 or 32))
            {
                throw new ArgumentException($"A gossip key has {key.Length} bytes; it must have 16, 24 or 32.", nameof(keys));
            }
        }

        _keys = [.. keys.Select(key => new AesGcm(key, TagBytes))];
    }

    public static KeyRing Empty { get; } = new([]);

    public bool IsEmpty => _keys.Length == 0;

    /// <summary>Writes version 1 (no padding); returns the length: that of the plain text + <see cref="OverheadBytes"/>.</summary>
    public int Encrypt(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> additional, Span<byte> destination)
    {
        destination[0] = 1;
        Span<byte> nonce = destination.Slice(1, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        lock (_lock)
        {
            _keys[0].Encrypt(
                nonce, plain, destination.Slice(1 + NonceBytes, plain.Length), destination.Slice(1 + NonceBytes + plain.Length, TagBytes), additional);
        }

        return plain.Length + OverheadBytes;
    }

    public bool TryDecrypt(ReadOnlySpan<byte> source, ReadOnlySpan<byte> additional, out byte[] plain)
    {
        plain = [];
        if (source.Length < OverheadBytes || source[0] > 1)
        {
            return false;
        }

        ReadOnlySpan<byte> cipher = source[(1 + NonceBytes)..^TagBytes];
        byte[] result = new byte[cipher.Length];
        foreach (AesGcm key in _keys)
        {
            try
            {
                lock (_lock)
                {
                    key.Decrypt(source.Slice(1, NonceBytes), cipher, source[^TagBytes..], result, additional);
                }
            }
            catch (AuthenticationTagMismatchException)
            {
                // The only way the platform says "not this key".
                continue;
            }

            return source[0] == 1 ? Is(result, out plain) : TryUnpad(result, out plain);
        }

        return false;
    }

    private static bool Is(byte[] value, out byte[] plain)
    {
        plain = value;
        return true;
    }

    // Version 0: PKCS#7 to 16 bytes.
    private static bool TryUnpad(byte[] padded, out byte[] plain)
    {
        int padding = padded.Length > 0 ? padded[^1] : 0;
        bool valid = padding is > 0 and <= 16 && padding <= padded.Length;
        plain = valid ? padded[..^padding] : [];
        return valid;
    }
}
