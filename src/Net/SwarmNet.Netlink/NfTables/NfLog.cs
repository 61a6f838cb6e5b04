using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

/// <summary>How a packet is logged. With a <see cref="Group"/> it goes to user programs (NFLOG), else to the kernel's log.</summary>
public readonly record struct NfLog
{
    private const uint DefaultLevel = 4;

    /// <summary>Text before the packet's, at most 127 bytes; null = none.</summary>
    public string? Prefix { get; init; }

    /// <summary>Level of the kernel's log, syslog(2): 4 = warning (its default), 6 = info.</summary>
    public uint? Level { get; init; }

    /// <summary>LOGFLAGS_* bits: TCP sequence 1, TCP options 2, IP options 4, user 8, MAC 0x20.</summary>
    public uint Flags { get; init; }

    /// <summary>Number of the NFLOG group.</summary>
    public ushort? Group { get; init; }

    /// <summary>Bytes of the packet that the group gets; 0 = all.</summary>
    public uint SnapLength { get; init; }

    /// <summary>Packets that are collected before the group gets them; 0 = the default.</summary>
    public ushort QueueThreshold { get; init; }

    internal void PutAttributes(NetlinkWriter writer)
    {
        if (Prefix is not null)
        {
            writer.PutString(NFTA_LOG_PREFIX, Prefix);
        }

        if (Group is { } group)
        {
            writer.PutBigEndian(NFTA_LOG_GROUP, group);
            if (SnapLength != 0)
            {
                writer.PutBigEndian(NFTA_LOG_SNAPLEN, SnapLength);
            }

            if (QueueThreshold != 0)
            {
                writer.PutBigEndian(NFTA_LOG_QTHRESHOLD, QueueThreshold);
            }

            return;
        }

        if (Level is { } level)
        {
            writer.PutBigEndian(NFTA_LOG_LEVEL, level);
        }

        if (Flags != 0)
        {
            writer.PutBigEndian(NFTA_LOG_FLAGS, Flags);
        }
    }

    internal static NfLog Read(NetlinkAttributeReader attributes)
    {
        var log = default(NfLog);
        while (attributes.TryRead(out NetlinkAttribute attribute))
        {
            log = attribute.Type switch
            {
                NFTA_LOG_PREFIX => log with { Prefix = attribute.GetString() },
                NFTA_LOG_GROUP => log with { Group = attribute.UInt16BigEndian },
                NFTA_LOG_SNAPLEN => log with { SnapLength = attribute.UInt32BigEndian },
                NFTA_LOG_QTHRESHOLD => log with { QueueThreshold = attribute.UInt16BigEndian },
                NFTA_LOG_LEVEL => log with { Level = attribute.UInt32BigEndian },
                NFTA_LOG_FLAGS => log with { Flags = attribute.UInt32BigEndian },
                _ => log,
            };
        }

        // What the kernel takes when nothing is said.
        return log is { Group: null, Level: null } ? log with { Level = DefaultLevel } : log;
    }
}
