using System.Buffers.Binary;
using System.Security.Cryptography;

namespace SwarmNet.Raft;

/// <summary>
/// Encryption at rest with AES-256-GCM (NIST SP 800-38D). Stored form: 12 bytes nonce, ciphertext, 16 bytes tag; the entry's index is
/// authenticated with it. The id is the first four bytes of the key's SHA-256 (with the lowest bit set: 0 means plain), so that a file tells
/// which key it needs.
/// </summary>
internal sealed class AesGcmTransform : IPayloadTransform, IDisposable
{
    public const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly AesGcm _cipher;
    private readonly Lock _lock = new();

    // §8.2.1, deterministic construction: a fixed field, random per instance here, and a counter.
    private readonly byte[] _nonce = RandomNumberGenerator.GetBytes(NonceBytes);
    private uint _count;

    public AesGcmTransform(ReadOnlySpan<byte> key)
    {
        _cipher = new AesGcm(key, TagBytes);
        Id = BinaryPrimitives.ReadUInt32LittleEndian(SHA256.HashData(key)) | 1;
    }

    public uint Id { get; }

    public int MaxOverheadBytes => NonceBytes + TagBytes;

    public int Store(ulong index, ReadOnlySpan<byte> plain, Span<byte> destination)
    {
        Span<byte> associated = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(associated, index);
        // The log and a snapshot may be written at the same time.
        lock (_lock)
        {
            NextNonce();
            _nonce.CopyTo(destination);
            _cipher.Encrypt(
                _nonce,
                plain,
                destination.Slice(NonceBytes, plain.Length),
                destination.Slice(NonceBytes + plain.Length, TagBytes),
                associated);
        }

        return plain.Length + MaxOverheadBytes;
    }

    public byte[]? Load(ulong index, ReadOnlySpan<byte> stored)
    {
        if (stored.Length < MaxOverheadBytes)
        {
            return null;
        }

        Span<byte> associated = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(associated, index);
        byte[] plain = new byte[stored.Length - MaxOverheadBytes];
        try
        {
            lock (_lock)
            {
                _cipher.Decrypt(stored[..NonceBytes], stored[NonceBytes..^TagBytes], stored[^TagBytes..], plain, associated);
            }

            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    public void Dispose() => _cipher.Dispose();

    private void NextNonce()
    {
        if (++_count == 0)
        {
            RandomNumberGenerator.Fill(_nonce.AsSpan(0, NonceBytes - sizeof(uint)));
        }

        BinaryPrimitives.WriteUInt32LittleEndian(_nonce.AsSpan(NonceBytes - sizeof(uint)), _count);
    }
}
