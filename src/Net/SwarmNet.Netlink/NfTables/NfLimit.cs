using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

/// <summary>A rate: a bucket of tokens that fills at <see cref="Rate"/> per <see cref="PerSeconds"/>.</summary>
/// <param name="Rate">Packets, or bytes.</param>
/// <param name="PerSeconds">Length of the period in seconds.</param>
public readonly record struct NfLimit(ulong Rate, ulong PerSeconds = 1)
{
    /// <summary>What may pass at once beyond the rate; the kernel makes 5 of 0 packets.</summary>
    public uint Burst { get; init; }

    /// <summary>The rate counts bytes.</summary>
    public bool Bytes { get; init; }

    /// <summary>Matches above the rate instead of below.</summary>
    public bool Over { get; init; }

    internal void PutAttributes(NetlinkWriter writer)
    {
        writer.PutBigEndian(NFTA_LIMIT_RATE, Rate);
        writer.PutBigEndian(NFTA_LIMIT_UNIT, PerSeconds);
        writer.PutBigEndian(NFTA_LIMIT_BURST, Burst);
        writer.PutBigEndian(NFTA_LIMIT_TYPE, Bytes ? NFT_LIMIT_PKT_BYTES : 0u);
        writer.PutBigEndian(NFTA_LIMIT_FLAGS, Over ? NFT_LIMIT_F_INV : 0u);
    }

    internal static NfLimit Read(NetlinkAttributeReader attributes)
    {
        var limit = default(NfLimit);
        while (attributes.TryRead(out NetlinkAttribute attribute))
        {
            limit = attribute.Type switch
            {
                NFTA_LIMIT_RATE => limit with { Rate = attribute.UInt64BigEndian },
                NFTA_LIMIT_UNIT => limit with { PerSeconds = attribute.UInt64BigEndian },
                NFTA_LIMIT_BURST => limit with { Burst = attribute.UInt32BigEndian },
                NFTA_LIMIT_TYPE => limit with { Bytes = attribute.UInt32BigEndian == NFT_LIMIT_PKT_BYTES },
                NFTA_LIMIT_FLAGS => limit with { Over = (attribute.UInt32BigEndian & NFT_LIMIT_F_INV) != 0 },
                _ => limit,
            };
        }

        return limit;
    }
}
