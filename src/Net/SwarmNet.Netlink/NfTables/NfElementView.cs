using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

/// <summary>An encoded element of a set or map; a view of the receive buffer.</summary>
public readonly ref struct NfElementView
{
    private NfElementView(NetlinkAttributeReader attributes) => Attributes = attributes;

    /// <summary>The key, or the first of a range; parts of a concatenation padded to 4 bytes each.</summary>
    public ReadOnlySpan<byte> Key { get; private init; }

    /// <summary>The last key of a range over a concatenation; empty for a single key.</summary>
    public ReadOnlySpan<byte> KeyEnd { get; private init; }

    /// <summary>What the map holds; empty for sets, verdict maps and object maps.</summary>
    public ReadOnlySpan<byte> Data { get; private init; }

    /// <summary>The verdict, of a verdict map.</summary>
    public NfVerdict? Verdict { get; private init; }

    /// <summary>UTF-8 name of the chain that the verdict jumps to.</summary>
    public ReadOnlySpan<byte> Chain { get; private init; }

    /// <summary>UTF-8 name of the object, of an object map.</summary>
    public ReadOnlySpan<byte> Object { get; private init; }

    /// <summary>NFT_SET_ELEM_* bits.</summary>
    internal uint Flags { get; private init; }

    /// <summary>Ends the range before it.</summary>
    public bool IsIntervalEnd => (Flags & NFT_SET_ELEM_INTERVAL_END) != 0;

    /// <summary>Stands for every key that is not there.</summary>
    public bool IsCatchAll => (Flags & NFT_SET_ELEM_CATCHALL) != 0;

    /// <summary>Life in milliseconds, 0 = the set's default.</summary>
    public ulong TimeoutMs { get; private init; }

    /// <summary>What is left of it in milliseconds, 0 = it has no end.</summary>
    public ulong ExpirationMs { get; private init; }

    /// <summary>All attributes.</summary>
    internal NetlinkAttributeReader Attributes { get; }

    /// <summary>Reads the attributes of one element; false at bad bytes and without a key.</summary>
    internal static bool TryCreate(NetlinkAttributeReader attributes, out NfElementView view)
    {
        view = new NfElementView(attributes);
        NetlinkAttributeReader reader = attributes;
        while (reader.TryRead(out NetlinkAttribute attribute))
        {
            switch (attribute.Type)
            {
                case NFTA_SET_ELEM_KEY when attribute.Nested.TryFind(NFTA_DATA_VALUE, out NetlinkAttribute value):
                    view = view with { Key = value.Value };
                    break;
                case NFTA_SET_ELEM_KEY_END when attribute.Nested.TryFind(NFTA_DATA_VALUE, out NetlinkAttribute value):
                    view = view with { KeyEnd = value.Value };
                    break;
                case NFTA_SET_ELEM_DATA when attribute.Nested.TryFind(NFTA_DATA_VALUE, out NetlinkAttribute value):
                    view = view with { Data = value.Value };
                    break;
                case NFTA_SET_ELEM_DATA when attribute.Nested.TryFind(NFTA_DATA_VERDICT, out NetlinkAttribute value):
                    view = view with
                    {
                        Verdict = NfVerdictReader.Code(value.Nested),
                        Chain = value.Nested.TryFind(NFTA_VERDICT_CHAIN, out NetlinkAttribute chain) ? chain.StringBytes : default,
                    };
                    break;
                case NFTA_SET_ELEM_FLAGS:
                    view = view with { Flags = attribute.UInt32BigEndian };
                    break;
                case NFTA_SET_ELEM_TIMEOUT:
                    view = view with { TimeoutMs = attribute.UInt64BigEndian };
                    break;
                case NFTA_SET_ELEM_EXPIRATION:
                    view = view with { ExpirationMs = attribute.UInt64BigEndian };
                    break;
                case NFTA_SET_ELEM_OBJREF:
                    view = view with { Object = attribute.StringBytes };
                    break;
            }
        }

        return !reader.Malformed && (view.Key.Length > 0 || view.IsCatchAll);
    }
}
