namespace SwarmNet.Netlink.NfTables;

// Loads and stores.
public abstract partial record NfExpression
{
    /// <summary>Loads bytes of a header.</summary>
    /// <param name="Header">Header that the offset counts from.</param>
    /// <param name="Offset">Offset, in bytes or, of a number, added to it.</param>
    /// <param name="Length">Length in bytes.</param>
    /// <param name="To">First register written.</param>
    public sealed record Payload(NfPayloadBase Header, int Offset, int Length, NfRegister To) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.Payload(Header, Offset, Length, To);
    }

    /// <summary>Writes bytes of a header.</summary>
    /// <param name="From">First register read.</param>
    /// <param name="Header">Header that the offset counts from.</param>
    /// <param name="Offset">Offset, in bytes or, of a number, added to it.</param>
    /// <param name="Length">Length in bytes.</param>
    /// <param name="Checksum">Checksum to keep right.</param>
    public sealed record SetPayload(NfRegister From, NfPayloadBase Header, int Offset, int Length, NfChecksum Checksum) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.SetPayload(From, Header, Offset, Length, Checksum);
    }

    /// <summary>Loads a property of the packet.</summary>
    /// <param name="Key">What, or the first register of the key.</param>
    /// <param name="To">First register written.</param>
    public sealed record Meta(NfMetaKey Key, NfRegister To) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.Meta(Key, To);
    }

    /// <summary>Stores into a property of the packet.</summary>
    /// <param name="Key">What, or the first register of the key.</param>
    /// <param name="From">First register read.</param>
    public sealed record SetMeta(NfMetaKey Key, NfRegister From) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.SetMeta(Key, From);
    }

    /// <summary>Loads a property of the flow.</summary>
    /// <param name="Key">What, or the first register of the key.</param>
    /// <param name="To">First register written.</param>
    /// <param name="Direction">Direction, for keys that have one.</param>
    public sealed record Conntrack(NfCtKey Key, NfRegister To, NfCtDirection? Direction) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.Conntrack(Key, To, Direction);
    }

    /// <summary>Stores into a property of the flow.</summary>
    /// <param name="Key">What, or the first register of the key.</param>
    /// <param name="From">First register read.</param>
    /// <param name="Direction">Direction, for keys that have one.</param>
    public sealed record SetConntrack(NfCtKey Key, NfRegister From, NfCtDirection? Direction) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.SetConntrack(Key, From, Direction);
    }

    /// <summary>Loads the result of a route look-up.</summary>
    /// <param name="Result">What is asked.</param>
    /// <param name="Flags">Flags.</param>
    /// <param name="To">First register written.</param>
    public sealed record Fib(NfFibResult Result, NfFibFlags Flags, NfRegister To) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.Fib(Result, Flags, To);
    }

    /// <summary>Loads a property of the route.</summary>
    /// <param name="Key">What, or the first register of the key.</param>
    /// <param name="To">First register written.</param>
    public sealed record Route(NfRouteKey Key, NfRegister To) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.Route(Key, To);
    }

    /// <summary>Loads a property of an IPsec transformation.</summary>
    /// <param name="Key">What, or the first register of the key.</param>
    /// <param name="Outgoing">Of packets that leave.</param>
    /// <param name="To">First register written.</param>
    /// <param name="Depth">Which of several transformations.</param>
    public sealed record Transformation(NfXfrmKey Key, bool Outgoing, NfRegister To, uint Depth) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.Transformation(Key, Outgoing, To, Depth);
    }

    /// <summary>Loads bytes of a TCP option.</summary>
    /// <param name="Kind">Number of the option.</param>
    /// <param name="Offset">Offset, in bytes or, of a number, added to it.</param>
    /// <param name="Length">Length in bytes.</param>
    /// <param name="To">First register written.</param>
    public sealed record TcpOption(byte Kind, int Offset, int Length, NfRegister To) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.TcpOption(Kind, Offset, Length, To);
    }

    /// <summary>Writes bytes of a TCP option.</summary>
    /// <param name="From">First register read.</param>
    /// <param name="Kind">Number of the option.</param>
    /// <param name="Offset">Offset, in bytes or, of a number, added to it.</param>
    /// <param name="Length">Length in bytes.</param>
    public sealed record SetTcpOption(NfRegister From, byte Kind, int Offset, int Length) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.SetTcpOption(From, Kind, Offset, Length);
    }

    /// <summary>Loads constant bytes.</summary>
    /// <param name="To">First register written.</param>
    /// <param name="Value">The constant.</param>
    public sealed record Immediate(NfRegister To, NfBytes Value) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.Immediate(To, Value.Span);
    }
}
