using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace SwarmNet.Ca;

/// <summary>
/// The key that a locked manager waits for: <c>SWMKEY-1-&lt;base64 of 32 bytes, without padding&gt;</c> (SwarmKit <c>manager/encryption</c>).
/// It seals the file of the manager's other keys.
/// </summary>
public sealed class UnlockKey : IEquatable<UnlockKey>
{
    private const string Prefix = "SWMKEY-1-";
    private const int TextDigits = 43;

    private readonly byte[] _bytes;

    private UnlockKey(byte[] bytes) => _bytes = bytes;

    /// <summary>The 32 bytes.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>A new random key.</summary>
    public static UnlockKey Create() => new(RandomNumberGenerator.GetBytes(SealedBox.KeyBytes));

    /// <summary>The key of these bytes; false unless there are 32.</summary>
    public static bool TryCreate(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out UnlockKey? key)
    {
        key = bytes.Length == SealedBox.KeyBytes ? new UnlockKey(bytes.ToArray()) : null;
        return key is not null;
    }

    /// <summary>Reads the text form; false unless it is exactly that.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out UnlockKey? key)
    {
        key = null;
        Span<byte> bytes = stackalloc byte[SealedBox.KeyBytes];
        return text?.Length == Prefix.Length + TextDigits
            && text.StartsWith(Prefix, StringComparison.Ordinal)
            && Convert.TryFromBase64String(text[Prefix.Length..] + "=", bytes, out var length)
            && TryCreate(bytes[..length], out key);
    }

    /// <summary>Compares in constant time.</summary>
    public bool Equals(UnlockKey? other) => other is not null && CryptographicOperations.FixedTimeEquals(_bytes, other._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as UnlockKey);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(_bytes);

    /// <summary>The text form: a secret.</summary>
    public override string ToString() => Prefix + Convert.ToBase64String(_bytes).TrimEnd('=');
}
