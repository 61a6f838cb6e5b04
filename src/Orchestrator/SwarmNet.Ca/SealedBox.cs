using System.Security.Cryptography;

namespace SwarmNet.Ca;

/// <summary>
/// Secrets at rest: AES-256-GCM (NIST SP 800-38D) with a random nonce. A box is 12 bytes nonce, ciphertext, 16 bytes tag; what stands beside it
/// in the clear is authenticated with it. Few boxes are made with one key, so that random nonces do.
/// </summary>
public static class SealedBox
{
    /// <summary>Length of a key.</summary>
    public const int KeyBytes = 32;

    /// <summary>How much longer a box is than what is in it.</summary>
    public const int OverheadBytes = NonceBytes + TagBytes;

    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>Seals <paramref name="plain"/> into <paramref name="box"/>, which is <see cref="OverheadBytes"/> longer.</summary>
    public static void Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> plain, Span<byte> box, ReadOnlySpan<byte> associated)
    {
        using var cipher = new AesGcm(key, TagBytes);
        var nonce = box[..NonceBytes];
        RandomNumberGenerator.Fill(nonce);
        cipher.Encrypt(nonce, plain, box.Slice(NonceBytes, plain.Length), box.Slice(NonceBytes + plain.Length, TagBytes), associated);
    }

    /// <summary>What is in the box; null when the key, the box or what is authenticated with it is not the one it was sealed with.</summary>
    public static byte[]? TryOpen(ReadOnlySpan<byte> key, ReadOnlySpan<byte> box, ReadOnlySpan<byte> associated)
    {
        if (box.Length < OverheadBytes)
        {
            return null;
        }

        using var cipher = new AesGcm(key, TagBytes);
        var plain = new byte[box.Length - OverheadBytes];
        try
        {
            cipher.Decrypt(box[..NonceBytes], box[NonceBytes..^TagBytes], box[^TagBytes..], plain, associated);
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
