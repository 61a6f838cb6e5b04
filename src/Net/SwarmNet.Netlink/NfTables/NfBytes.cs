namespace SwarmNet.Netlink.NfTables;

/// <summary>Bytes compared by content: a constant in a rule, or the key or data of an element.</summary>
public readonly struct NfBytes : IEquatable<NfBytes>
{
    private readonly byte[]? _bytes;

    /// <summary>Copies <paramref name="bytes"/>.</summary>
    public NfBytes(ReadOnlySpan<byte> bytes) => _bytes = bytes.ToArray();

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span => _bytes;

    /// <summary>How many.</summary>
    public int Length => _bytes?.Length ?? 0;

    /// <summary>Same bytes.</summary>
    public static bool operator ==(NfBytes left, NfBytes right) => left.Equals(right);

    /// <summary>Other bytes.</summary>
    public static bool operator !=(NfBytes left, NfBytes right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(NfBytes other) => Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is NfBytes other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    /// <summary>Hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(Span);
}
