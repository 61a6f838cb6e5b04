namespace SwarmNet.Netlink.NfTables;

/// <summary>A chain that sees the packets of a hook.</summary>
public sealed record NfBaseChain
{
    /// <summary>Name, unique in its table.</summary>
    public required string Name { get; init; }

    /// <summary>What it may do.</summary>
    public NfChainType Type { get; init; }

    /// <summary>Where it sits.</summary>
    public required NfHook Hook { get; init; }

    /// <summary>Order among the chains of that hook, lowest first; see <see cref="NfPriority"/>.</summary>
    public int Priority { get; init; }

    /// <summary>What becomes of packets that no rule decides about: <see cref="NfVerdict.Accept"/> or <see cref="NfVerdict.Drop"/>.</summary>
    public NfVerdict Policy { get; init; } = NfVerdict.Accept;

    /// <summary>Names of the devices, for <see cref="NfHook.Ingress"/> and <see cref="NfHook.Egress"/>; they must exist.</summary>
    public IReadOnlyList<string> Devices { get; init; } = [];

    /// <summary>At most 127 bytes of UTF-8, shown by nft(8); null = none.</summary>
    public string? Comment { get; init; }

    /// <inheritdoc/>
    public bool Equals(NfBaseChain? other) => other is not null
        && (Name, Type, Hook, Priority, Policy, Comment) == (other.Name, other.Type, other.Hook, other.Priority, other.Policy, other.Comment)
        && Devices.SequenceEqual(other.Devices);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Type, Hook, Priority, Policy);
}
