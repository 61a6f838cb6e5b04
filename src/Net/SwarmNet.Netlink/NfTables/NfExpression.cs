namespace SwarmNet.Netlink.NfTables;

/// <summary>
/// An expression as a value: what a dump of rules decodes to, compared by content, so that the kernel's rules can be held against the
/// wanted ones. Registers are named by their 4-byte numbers (<see cref="NfRegister.R0"/> on), as the kernel means them.
/// </summary>
public abstract partial record NfExpression
{
    private protected NfExpression()
    {
    }

    /// <summary>Encodes the expression into a rule.</summary>
    internal abstract void AppendTo(NfRule rule);
}
