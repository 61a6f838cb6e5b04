namespace SwarmNet.Netlink.NfTables;

// Actions.
public abstract partial record NfExpression
{
    /// <summary>Ends the rule with a verdict.</summary>
    /// <param name="Code">Verdict, or ICMP code.</param>
    /// <param name="Chain">Where a jump goes.</param>
    public sealed record Verdict(NfVerdict Code, string? Chain) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.Verdict(Code, Chain);
    }

    /// <summary>Translates to what registers hold. A maximum that is the minimum is null.</summary>
    /// <param name="Destination">Destination instead of source.</param>
    /// <param name="Family">Family of the addresses.</param>
    /// <param name="AddressMin">Register of the address, or of the first of a range.</param>
    /// <param name="AddressMax">Register of the last address.</param>
    /// <param name="PortMin">Register of the port, or of the first of a range.</param>
    /// <param name="PortMax">Register of the last port.</param>
    /// <param name="Flags">Flags.</param>
    public sealed record Nat(
        bool Destination, NfFamily Family, NfRegister? AddressMin, NfRegister? AddressMax, NfRegister? PortMin, NfRegister? PortMax, NfNatFlags Flags)
        : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.Nat(Destination, Family, AddressMin, AddressMax, PortMin, PortMax, Flags);
    }

    /// <summary>Translates the source to the interface's address.</summary>
    /// <param name="PortMin">Register of the port, or of the first of a range.</param>
    /// <param name="PortMax">Register of the last port.</param>
    /// <param name="Flags">Flags.</param>
    public sealed record Masquerade(NfRegister? PortMin, NfRegister? PortMax, NfNatFlags Flags) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.Masquerade(PortMin, PortMax, Flags);
    }

    /// <summary>Translates the destination to this namespace.</summary>
    /// <param name="PortMin">Register of the port, or of the first of a range.</param>
    /// <param name="PortMax">Register of the last port.</param>
    /// <param name="Flags">Flags.</param>
    public sealed record Redirect(NfRegister? PortMin, NfRegister? PortMax, NfNatFlags Flags) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.Redirect(PortMin, PortMax, Flags);
    }

    /// <summary>Hands the packet to a transparent socket.</summary>
    /// <param name="Family">Family of the addresses.</param>
    /// <param name="Address">Register of the address.</param>
    /// <param name="Port">Register of the port.</param>
    public sealed record TransparentProxy(NfFamily Family, NfRegister? Address, NfRegister? Port) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.TransparentProxy(Family, Address, Port);
    }

    /// <summary>Refuses with an answer.</summary>
    /// <param name="Type">Kind.</param>
    /// <param name="Code">Verdict, or ICMP code.</param>
    public sealed record Reject(NfRejectType Type, byte Code) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.Reject(Type, Code);
    }

    /// <summary>Leaves the packet out of connection tracking.</summary>
    public sealed record NoTrack() : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.NoTrack();
    }

    /// <summary>Logs the packet.</summary>
    /// <param name="Options">How.</param>
    public sealed record Log(NfLog Options) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.Log(Options);
    }

    /// <summary>Tests a rate.</summary>
    /// <param name="Rate">The rate.</param>
    public sealed record Limit(NfLimit Rate) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.Limit(Rate);
    }

    /// <summary>Tests the number of flows.</summary>
    /// <param name="Count">How many.</param>
    /// <param name="Over">Matches above it.</param>
    public sealed record ConnectionLimit(uint Count, bool Over) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.ConnectionLimit(Count, Over);
    }

    /// <summary>Uses a named object.</summary>
    /// <param name="Type">Kind.</param>
    /// <param name="Name">Name of the object.</param>
    public sealed record Object(NfObjectType Type, string Name) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.Object(Type, Name);
    }

    /// <summary>Uses the object that a map holds.</summary>
    /// <param name="Map">Name of the map.</param>
    /// <param name="Key">What, or the first register of the key.</param>
    public sealed record ObjectOf(string Map, NfRegister Key) : NfExpression
    {
        internal override void AppendTo(NfRule rule) => rule.ObjectOf(Map, Key);
    }
}
