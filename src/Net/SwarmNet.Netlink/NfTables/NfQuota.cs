using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

/// <summary>A number of bytes that may pass.</summary>
/// <param name="Bytes">How many.</param>
/// <param name="Over">Matches once they have passed, instead of until then.</param>
public readonly record struct NfQuota(ulong Bytes, bool Over = false)
{
    /// <summary>How many have passed already.</summary>
    public ulong Consumed { get; init; }

    internal void PutAttributes(NetlinkWriter writer)
    {
        writer.PutBigEndian(NFTA_QUOTA_BYTES, Bytes);
        writer.PutBigEndian(NFTA_QUOTA_FLAGS, Over ? NFT_QUOTA_F_INV : 0u);
        writer.PutBigEndian(NFTA_QUOTA_CONSUMED, Consumed);
    }

    internal static NfQuota Read(NetlinkAttributeReader attributes)
    {
        var quota = default(NfQuota);
        while (attributes.TryRead(out NetlinkAttribute attribute))
        {
            quota = attribute.Type switch
            {
                NFTA_QUOTA_BYTES => quota with { Bytes = attribute.UInt64BigEndian },
                NFTA_QUOTA_FLAGS => quota with { Over = (attribute.UInt32BigEndian & NFT_QUOTA_F_INV) != 0 },
                NFTA_QUOTA_CONSUMED => quota with { Consumed = attribute.UInt64BigEndian },
                _ => quota,
            };
        }

        return quota;
    }
}
