using System.Security.Cryptography;

namespace SwarmNet.Netlink.Xfrm;

/// <summary>An authenticated cipher of a state (<c>struct xfrm_algo_aead</c>). <see cref="ToString"/> does not show the key.</summary>
public sealed class XfrmAead : IEquatable<XfrmAead>
{
    /// <summary>AES-GCM with the salt behind the key (RFC 4106).</summary>
    public const string AesGcm = "rfc4106(gcm(aes))";

    /// <summary>Creates it.</summary>
    /// <param name="algorithm">The kernel's name, for example <see cref="AesGcm"/>; ASCII, at most 63 bytes.</param>
    /// <param name="key">Key material, salt included (AES-128-GCM: 16 + 4 bytes). Not copied: do not change it afterwards.</param>
    /// <param name="icvBits">Length of the integrity check value in bits (64, 96 or 128 for GCM).</param>
    public XfrmAead(string algorithm, ReadOnlyMemory<byte> key, int icvBits)
    {
        ArgumentException.ThrowIfNullOrEmpty(algorithm);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(algorithm.Length, 63, nameof(algorithm));
        ArgumentOutOfRangeException.ThrowIfNegative(icvBits);
        Algorithm = algorithm;
        Key = key;
        IcvBits = icvBits;
    }

    /// <summary>The kernel's name of the algorithm.</summary>
    public string Algorithm { get; }

    /// <summary>Key material, salt included.</summary>
    public ReadOnlyMemory<byte> Key { get; }

    /// <summary>Length of the integrity check value in bits.</summary>
    public int IcvBits { get; }

    /// <inheritdoc/>
    public bool Equals(XfrmAead? other) =>
        other is not null && Algorithm == other.Algorithm && IcvBits == other.IcvBits && CryptographicOperations.FixedTimeEquals(Key.Span, other.Key.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as XfrmAead);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Algorithm, IcvBits, Key.Length);

    /// <inheritdoc/>
    public override string ToString() => $"{Algorithm}, key of {Key.Length * 8} bits, ICV of {IcvBits} bits";
}
