using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

/// <summary>An encoded expression; a view of the receive buffer. <see cref="NfExpression.Decode"/> makes a value of it.</summary>
public readonly ref struct NfExpressionView
{
    private NfExpressionView(ReadOnlySpan<byte> name, NetlinkAttributeReader attributes, ReadOnlySpan<byte> bytes)
    {
        Name = name;
        Attributes = attributes;
        Bytes = bytes;
    }

    /// <summary>The kernel's name of the expression, ASCII: <c>payload</c>, <c>cmp</c> …</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>Its attributes.</summary>
    public NetlinkAttributeReader Attributes { get; }

    /// <summary>Its attributes, encoded.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>A big-endian u32 attribute, 0 when it is not there.</summary>
    public uint UInt32(ushort type) => Attributes.TryFind(type, out NetlinkAttribute attribute) ? attribute.UInt32BigEndian : 0;

    /// <summary>NFTA_EXPR_NAME and NFTA_EXPR_DATA in <paramref name="attributes"/>; false without a name.</summary>
    internal static bool TryCreate(NetlinkAttributeReader attributes, out NfExpressionView view)
    {
        view = default;
        if (!attributes.TryFind(NFTA_EXPR_NAME, out NetlinkAttribute name))
        {
            return false;
        }

        // Some expressions, such as notrack, have no data.
        ReadOnlySpan<byte> bytes = attributes.TryFind(NFTA_EXPR_DATA, out NetlinkAttribute data) ? data.Value : default;
        view = new NfExpressionView(name.StringBytes, new NetlinkAttributeReader(bytes), bytes);
        return true;
    }

    internal ulong UInt64(ushort type) => Attributes.TryFind(type, out NetlinkAttribute attribute) ? attribute.UInt64BigEndian : 0;

    internal byte Byte(ushort type) => Attributes.TryFind(type, out NetlinkAttribute attribute) ? attribute.Byte : (byte)0;

    internal bool Has(ushort type) => Attributes.TryFind(type, out _);

    internal string Text(ushort type) => Attributes.TryFind(type, out NetlinkAttribute attribute) ? attribute.GetString() : "";

    /// <summary>The constant inside an attribute.</summary>
    internal NfBytes Value(ushort type) =>
        Attributes.TryFind(type, out NetlinkAttribute attribute) && attribute.Nested.TryFind(NFTA_DATA_VALUE, out NetlinkAttribute value) ? new NfBytes(value.Value) : default;

    /// <summary>A register by its 4-byte number: the kernel names those at multiples of 16 bytes by the old numbers 1 to 4.</summary>
    internal NfRegister Register(ushort type)
    {
        uint number = UInt32(type);
        return (NfRegister)(number is >= 1 and <= 4 ? (uint)NfRegister.R0 + ((number - 1) * 4) : number);
    }

    internal NfRegister? OptionalRegister(ushort type) => Has(type) ? Register(type) : null;

    /// <summary>The register of a range's end; null when it is that of its start, as the kernel lists single values.</summary>
    internal NfRegister? EndRegister(ushort type, ushort start) => Has(type) && Register(type) != Register(start) ? Register(type) : null;
}
