using System.Security.Cryptography;

namespace SwarmNet.Overlay.Encryption;

/// <summary>A key that the hosts of an encrypted network share. <see cref="ToString"/> does not show the secret.</summary>
public sealed class TunnelKey : IEquatable<TunnelKey>
{
    /// <summary>Length of <see cref="Secret"/>: AES-128.</summary>
    public const int SecretLength = 16;

    private readonly byte[] _secret;

    /// <summary>Creates it.</summary>
    /// <param name="tag">What tells this key from the others of the swarm, the same on all hosts. Docker: the key's Lamport time, truncated.</param>
    /// <param name="secret">16 bytes; copied.</param>
    public TunnelKey(uint tag, ReadOnlySpan<byte> secret)
    {
        if (secret.Length != SecretLength)
        {
            throw new ArgumentException($"The secret of key {tag} has {secret.Length} bytes; it must have {SecretLength}.", nameof(secret));
        }

        Tag = tag;
        _secret = secret.ToArray();
    }

    /// <summary>What tells this key from the others.</summary>
    public uint Tag { get; }

    /// <summary>16 bytes.</summary>
    public ReadOnlySpan<byte> Secret => _secret;

    /// <inheritdoc/>
    public bool Equals(TunnelKey? other) => other is not null && Tag == other.Tag && CryptographicOperations.FixedTimeEquals(_secret, other._secret);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as TunnelKey);

    /// <inheritdoc/>
    public override int GetHashCode() => Tag.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => $"key {Tag}";
}
