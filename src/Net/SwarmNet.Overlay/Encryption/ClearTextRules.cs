using System.Net.Sockets;
using System.Runtime.InteropServices;
using SwarmNet.Netlink.NfTables;

namespace SwarmNet.Overlay.Encryption;

/// <summary>
/// What the table of a host says. Tunnel packets of the VNIs in the set get the mark that the IPsec policies look for, and are dropped where
/// they would leave without our transformation, or have arrived without it. Pure data.
/// </summary>
internal static class ClearTextRules
{
    public static readonly NfTable Table = new(NfFamily.Inet, TunnelEncryption.TableName);

    /// <summary>VNIs that must not travel in clear text: 3 bytes, big endian.</summary>
    public const string Vnis = "vnis";

    /// <summary>Counts what was dropped on its way out.</summary>
    public const string DroppedOut = "clear_out";

    /// <summary>Counts what was dropped on its way in.</summary>
    public const string DroppedIn = "clear_in";

    /// <summary>Counts the self-test's packets that have passed all of the input hook.</summary>
    public const string TestArrived = "test_arrived";

    /// <summary>Behind the translation of sources (100), which looks for the policy again, and whatever others have.</summary>
    private const int Last = 1000;

    private const byte Udp = 17;
    private const int VniOffset = 8 + 4; // UDP header, then the fifth byte of VXLAN's (RFC 7348 §5)
    public const int VniLength = 3;
    private const ushort LoopbackType = 772; // ARPHRD_LOOPBACK
    private const NfRegister R0 = NfRegister.R0;

    public static readonly NfSet Set = new() { Name = Vnis, Key = NfType.Integer(VniLength) };

    /// <summary>The base chains.</summary>
    public static IReadOnlyList<NfBaseChain> Chains { get; } =
    [
        new() { Name = "output", Type = NfChainType.Route, Hook = NfHook.Output, Priority = NfPriority.Mangle },
        new() { Name = "postrouting", Type = NfChainType.Filter, Hook = NfHook.Postrouting, Priority = Last },
        new() { Name = "input", Type = NfChainType.Filter, Hook = NfHook.Input, Priority = NfPriority.Raw },
        new() { Name = "arrived", Type = NfChainType.Filter, Hook = NfHook.Input, Priority = Last },
    ];

    /// <summary>The rules, in order.</summary>
    /// <param name="port">UDP port of the tunnels.</param>
    /// <param name="family">Of the tunnels' addresses.</param>
    public static IReadOnlyList<(string Chain, NfExpression[] Expressions)> Of(ushort port, AddressFamily family)
    {
        NfExpression[] match =
        [
            new NfExpression.Meta(NfMetaKey.L4Protocol, R0),
            Equal([Udp]),
            new NfExpression.Payload(NfPayloadBase.Transport, 2, 2, R0),
            Equal([(byte)(port >> 8), (byte)port]),
            new NfExpression.Payload(NfPayloadBase.Transport, VniOffset, VniLength, R0),
            new NfExpression.InSet(Vnis, R0, Invert: false),
        ];
        // The self-test sends clear text past the rules for what leaves, to meet those for what arrives: over loopback only.
        NfExpression[] isMarked = [new NfExpression.Meta(NfMetaKey.Mark, R0), Equal(Host(ClearTextTest.Mark))];
        NfExpression[] isTest = [new NfExpression.Meta(NfMetaKey.OutInterfaceType, R0), Equal(Host(LoopbackType)), .. isMarked];
        var accept = new NfExpression.Verdict(NfVerdict.Accept, null);
        var drop = new NfExpression.Verdict(NfVerdict.Drop, null);
        var rules = new List<(string, NfExpression[])>
        {
            ("output", [.. isTest, accept]),
            ("output", [.. match, new NfExpression.Immediate(R0, new NfBytes(Host(TransformSet.Id))), new NfExpression.SetMeta(NfMetaKey.Mark, R0)]),
            ("postrouting", [.. isTest, accept]),
            ("postrouting", [.. match, .. Transformed(outgoing: true), accept]),
            ("postrouting", [.. match, new NfExpression.Object(NfObjectType.Counter, DroppedOut), drop]),
        };
        if (family == AddressFamily.InterNetworkV6)
        {
            // IPv6 fragments pass the input hook one by one, and a first one need not hold the VNI, unless flows are tracked: to load one's
            // state is what asks for that. IPv4 puts them together before the hook.
            rules.Add(("input", [new NfExpression.Conntrack(NfCtKey.State, R0, null)]));
        }

        rules.Add(("input", [.. match, .. Transformed(outgoing: false), accept]));
        rules.Add(("input", [.. match, new NfExpression.Object(NfObjectType.Counter, DroppedIn), drop]));
        rules.Add(("arrived", [.. isMarked, .. match, new NfExpression.Object(NfObjectType.Counter, TestArrived)]));
        return rules;
    }

    /// <summary>A key of the set.</summary>
    public static byte[] Key(uint vni) => [(byte)(vni >> 16), (byte)(vni >> 8), (byte)vni];

    /// <summary>The VNI of a key of the set.</summary>
    public static uint Vni(ReadOnlySpan<byte> key) => ((uint)key[0] << 16) | ((uint)key[1] << 8) | key[2];

    /// <summary>
    /// Our own transformation, not any: that a packet came through another IPsec tunnel of the host proves nothing. Without any the rule ends here.
    /// </summary>
    private static NfExpression[] Transformed(bool outgoing) =>
        [new NfExpression.Transformation(NfXfrmKey.RequestId, outgoing, R0, 0), Equal(Host(TransformSet.Id))];

    private static NfExpression.Compare Equal(byte[] value) => new(R0, NfCompare.Equal, new NfBytes(value));

    private static byte[] Host<T>(T value)
        where T : unmanaged
    {
        byte[] bytes = new byte[Marshal.SizeOf<T>()];
        MemoryMarshal.Write(bytes, value);
        return bytes;
    }
}
