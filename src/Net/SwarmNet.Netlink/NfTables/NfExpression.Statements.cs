namespace SwarmNet.Netlink.NfTables;

// What counts along the way, and what has a list inside.
public abstract partial record NfExpression
{
    /// <summary>Counts packets and bytes. Counters are equal whatever they have counted.</summary>
    /// <param name="Packets">Packets so far.</param>
    /// <param name="Bytes">Bytes so far.</param>
    public sealed record Counter(ulong Packets = 0, ulong Bytes = 0) : NfExpression
    {
        /// <inheritdoc/>
        public bool Equals(Counter? other) => other is not null;

        /// <inheritdoc/>
        public override int GetHashCode() => 1;

        internal override void AppendTo(NfRule rule) => rule.Counter(Packets, Bytes);
    }

    /// <summary>Tests a number of bytes. Quotas are equal however much of them is consumed.</summary>
    /// <param name="Value">The number.</param>
    public sealed record Quota(NfQuota Value) : NfExpression
    {
        /// <inheritdoc/>
        public bool Equals(Quota? other) => other is not null && (Value with { Consumed = 0 }) == (other.Value with { Consumed = 0 });

        /// <inheritdoc/>
        public override int GetHashCode() => Value.Bytes.GetHashCode();

        internal override void AppendTo(NfRule rule) => rule.Quota(Value);
    }

    /// <summary>Adds to a set, refreshes or deletes.</summary>
    /// <param name="Operation">What is done.</param>
    /// <param name="Set">Name of the set.</param>
    /// <param name="Key">First register of the key.</param>
    /// <param name="Data">First register of a map's data.</param>
    /// <param name="TimeoutMs">Life of the element in milliseconds; 0 = the set's.</param>
    /// <param name="Invert">Matches when it could not be added.</param>
    public sealed record DynamicSet(
        NfDynamicSetOperation Operation, string Set, NfRegister Key, NfRegister? Data, ulong TimeoutMs, bool Invert) : NfExpression
    {
        /// <summary>What the element carries.</summary>
        public IReadOnlyList<NfExpression> Expressions { get; init; } = [];

        /// <inheritdoc/>
        public bool Equals(DynamicSet? other) => other is not null
            && (Operation, Set, Key, Data, TimeoutMs, Invert) == (other.Operation, other.Set, other.Key, other.Data, other.TimeoutMs, other.Invert)
            && Expressions.SequenceEqual(other.Expressions);

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(Operation, Set, Key);

        internal override void AppendTo(NfRule rule) => rule.DynamicSet(Operation, Set, Key, Data, TimeoutMs, Invert, [.. Expressions]);
    }

    /// <summary>An expression that this package does not know.</summary>
    /// <param name="Name">The kernel's name.</param>
    /// <param name="Attributes">Its attributes as received.</param>
    public sealed record Unknown(string Name, NfBytes Attributes) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.Raw(Name, Attributes.Span);
    }
}
