namespace SwarmNet.Netlink.NfTables;

// Tests and calculations.
public abstract partial record NfExpression
{
    /// <summary>Compares a register with a constant.</summary>
    /// <param name="Register">First register.</param>
    /// <param name="Comparison">How.</param>
    /// <param name="Value">The constant.</param>
    public sealed record Compare(NfRegister Register, NfCompare Comparison, NfBytes Value) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.Compare(Register, Comparison, Value.Span);
    }

    /// <summary>Tests for a range.</summary>
    /// <param name="Register">First register.</param>
    /// <param name="First">First value inside.</param>
    /// <param name="Last">Last value inside.</param>
    /// <param name="Invert">Matches what is not in it.</param>
    public sealed record Range(NfRegister Register, NfBytes First, NfBytes Last, bool Invert) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.Range(Register, First.Span, Last.Span, Invert);
    }

    /// <summary>AND, then XOR.</summary>
    /// <param name="From">First register read.</param>
    /// <param name="To">First register written.</param>
    /// <param name="Mask">ANDed.</param>
    /// <param name="Xor">XORed.</param>
    public sealed record Bitwise(NfRegister From, NfRegister To, NfBytes Mask, NfBytes Xor) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.Bitwise(From, To, Mask.Span, Xor.Span);
    }

    /// <summary>Shifts left or right.</summary>
    /// <param name="From">First register read.</param>
    /// <param name="To">First register written.</param>
    /// <param name="Length">Length in bytes.</param>
    /// <param name="Left">Direction of the shift.</param>
    /// <param name="Bits">How far.</param>
    public sealed record Shift(NfRegister From, NfRegister To, int Length, bool Left, uint Bits) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.Shift(From, To, Length, Left, Bits);
    }

    /// <summary>Turns numbers between host and network order.</summary>
    /// <param name="From">First register read.</param>
    /// <param name="To">First register written.</param>
    /// <param name="Length">Length in bytes.</param>
    /// <param name="Size">Length of one number in bytes.</param>
    /// <param name="ToNetwork">Host to network order.</param>
    public sealed record ByteOrder(NfRegister From, NfRegister To, int Length, int Size, bool ToNetwork) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.ByteOrder(From, To, Length, Size, ToNetwork);
    }

    /// <summary>Tests for membership in a set.</summary>
    /// <param name="Set">Name of the set.</param>
    /// <param name="Key">What, or the first register of the key.</param>
    /// <param name="Invert">Matches what is not in it.</param>
    public sealed record InSet(string Set, NfRegister Key, bool Invert) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.InSet(Set, Key, Invert);
    }

    /// <summary>Loads what a map holds.</summary>
    /// <param name="Map">Name of the map.</param>
    /// <param name="Key">What, or the first register of the key.</param>
    /// <param name="To">First register written.</param>
    public sealed record Lookup(string Map, NfRegister Key, NfRegister To) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.Lookup(Map, Key, To);
    }

    /// <summary>Loads a counting or random number.</summary>
    /// <param name="To">First register written.</param>
    /// <param name="Modulus">One more than the largest number.</param>
    /// <param name="Random">Random instead of counting.</param>
    /// <param name="Offset">Offset, in bytes or, of a number, added to it.</param>
    public sealed record NumberGenerator(NfRegister To, uint Modulus, bool Random, uint Offset) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.NumberGenerator(To, Modulus, Random, Offset);
    }

    /// <summary>Loads a hash of registers.</summary>
    /// <param name="From">First register read.</param>
    /// <param name="Length">Length in bytes.</param>
    /// <param name="To">First register written.</param>
    /// <param name="Modulus">One more than the largest number.</param>
    /// <param name="Seed">Seed.</param>
    /// <param name="Offset">Offset, in bytes or, of a number, added to it.</param>
    public sealed record JenkinsHash(NfRegister From, int Length, NfRegister To, uint Modulus, uint Seed, uint Offset) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.JenkinsHash(From, Length, To, Modulus, Seed, Offset);
    }

    /// <summary>Loads a hash of the flow.</summary>
    /// <param name="To">First register written.</param>
    /// <param name="Modulus">One more than the largest number.</param>
    /// <param name="Offset">Offset, in bytes or, of a number, added to it.</param>
    public sealed record SymmetricHash(NfRegister To, uint Modulus, uint Offset) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.SymmetricHash(To, Modulus, Offset);
    }
}
