using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

// Number generators, look-ups, translations, verdicts.
public readonly ref partial struct NfRule
{
    /// <summary>Loads constant bytes.</summary>
    public NfRule Immediate(NfRegister to, scoped ReadOnlySpan<byte> value)
    {
        Expression expression = Begin("immediate"u8);
        _writer.PutBigEndian(1, (uint)to);
        PutValue(2, value);
        return Close(expression);
    }

    /// <summary>Ends the rule with a verdict; jumps name their chain.</summary>
    public NfRule Verdict(NfVerdict verdict, string? chain = null)
    {
        Expression expression = Begin("immediate"u8);
        _writer.PutBigEndian(1, (uint)NfRegister.Verdict);
        int nest = _writer.BeginNested(2);
        _writer.PutVerdict(verdict, chain);
        _writer.EndNested(nest);
        return Close(expression);
    }

    /// <summary>Goes on when the set contains the register, or with <paramref name="invert"/> when it does not.</summary>
    public NfRule InSet(string set, NfRegister key, bool invert = false, uint setId = 0)
    {
        Expression expression = Begin("lookup"u8);
        _writer.PutString(1, set);
        _writer.PutBigEndian(2, (uint)key);
        _writer.PutBigEndian(4, setId);
        _writer.PutBigEndian(5, invert ? 1u : 0u);
        return Close(expression);
    }

    /// <summary>Loads what the map holds for the key, and goes on when it holds something.</summary>
    /// <param name="map">Name of the map.</param>
    /// <param name="key">First register of the key.</param>
    /// <param name="to">First register of the data; <see cref="NfRegister.Verdict"/> for a verdict map.</param>
    /// <param name="setId">The map's <see cref="NfSet.Id"/>, needed when it is anonymous.</param>
    public NfRule Lookup(string map, NfRegister key, NfRegister to, uint setId = 0)
    {
        Expression expression = Begin("lookup"u8);
        _writer.PutString(1, map);
        _writer.PutBigEndian(2, (uint)key);
        _writer.PutBigEndian(3, (uint)to);
        _writer.PutBigEndian(4, setId);
        return Close(expression);
    }

    /// <summary>Loads a number from 0 to <paramref name="modulus"/> - 1, in host order: counting up with each packet, or random.</summary>
    public NfRule NumberGenerator(NfRegister to, uint modulus, bool random, uint offset = 0)
    {
        Expression expression = Begin("numgen"u8);
        _writer.PutBigEndian(1, (uint)to);
        _writer.PutBigEndian(2, modulus);
        _writer.PutBigEndian(3, random ? 1u : 0u);
        _writer.PutBigEndian(4, offset);
        return Close(expression);
    }

    /// <summary>Loads Jenkins' hash of registers, modulo <paramref name="modulus"/>, in host order.</summary>
    public NfRule JenkinsHash(NfRegister from, int length, NfRegister to, uint modulus, uint seed, uint offset = 0)
    {
        Expression expression = Begin("hash"u8);
        _writer.PutBigEndian(1, (uint)from);
        _writer.PutBigEndian(2, (uint)to);
        _writer.PutBigEndian(3, (uint)length);
        _writer.PutBigEndian(4, modulus);
        _writer.PutBigEndian(5, seed);
        _writer.PutBigEndian(6, offset);
        _writer.PutBigEndian(7, 0u);
        return Close(expression);
    }

    /// <summary>Translates the destination to the address, and port if given, in registers.</summary>
    public NfRule DestinationNat(NfRegister address, NfRegister? port = null, NfFamily family = NfFamily.Ip) => Nat(1, family, address, port);

    /// <summary>Translates the source to the address, and port if given, in registers.</summary>
    public NfRule SourceNat(NfRegister address, NfRegister? port = null, NfFamily family = NfFamily.Ip) => Nat(0, family, address, port);

    /// <summary>Translates the source to the address of the outgoing interface.</summary>
    public NfRule Masquerade() => Close(Begin("masq"u8));

    /// <summary>Translates the destination to this namespace's own address and the port in the register.</summary>
    public NfRule Redirect(NfRegister port)
    {
        Expression expression = Begin("redir"u8);
        _writer.PutBigEndian(1, (uint)port);
        _writer.PutBigEndian(3, 2u); // NF_NAT_RANGE_PROTO_SPECIFIED
        return Close(expression);
    }

    /// <summary>Answers with a TCP reset, or with an ICMP "port unreachable" for everything else.</summary>
    public NfRule Reject(bool tcpReset)
    {
        Expression expression = Begin("reject"u8);
        _writer.PutBigEndian(1, tcpReset ? 1u : 0u);
        _writer.Put(2, (byte)(tcpReset ? 0 : 3)); // ICMP_PORT_UNREACH
        return Close(expression);
    }

    /// <summary>Counts what comes this far.</summary>
    public NfRule Counter()
    {
        Expression expression = Begin("counter"u8);
        _writer.PutBigEndian(1, 0ul);
        _writer.PutBigEndian(2, 0ul);
        return Close(expression);
    }

    private NfRule Nat(uint type, NfFamily family, NfRegister address, NfRegister? port)
    {
        Expression expression = Begin("nat"u8);
        _writer.PutBigEndian(1, type);
        _writer.PutBigEndian(2, (uint)family);
        _writer.PutBigEndian(3, (uint)address);
        if (port is { } register)
        {
            _writer.PutBigEndian(5, (uint)register);
        }

        return Close(expression);
    }
}
