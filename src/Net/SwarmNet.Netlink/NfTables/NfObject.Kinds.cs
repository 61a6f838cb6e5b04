using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

// The kinds.
public abstract partial record NfObject
{
    /// <summary>Counts packets and bytes.</summary>
    /// <param name="Name">Name.</param>
    /// <param name="Packets">Packets so far.</param>
    /// <param name="Bytes">Bytes so far.</param>
    public sealed record Counter(string Name, ulong Packets = 0, ulong Bytes = 0) : NfObject(Name)
    {
        /// <inheritdoc/>
        public override NfObjectType Type => NfObjectType.Counter;

        internal override void PutData(NetlinkWriter writer)
        {
            writer.PutBigEndian(NFTA_COUNTER_BYTES, Bytes);
            writer.PutBigEndian(NFTA_COUNTER_PACKETS, Packets);
        }
    }

    /// <summary>A number of bytes that may pass.</summary>
    /// <param name="Name">Name.</param>
    /// <param name="Value">The number.</param>
    public sealed record Quota(string Name, NfQuota Value) : NfObject(Name)
    {
        /// <inheritdoc/>
        public override NfObjectType Type => NfObjectType.Quota;

        internal override void PutData(NetlinkWriter writer) => Value.PutAttributes(writer);
    }

    /// <summary>A rate.</summary>
    /// <param name="Name">Name.</param>
    /// <param name="Value">The rate.</param>
    public sealed record Limit(string Name, NfLimit Value) : NfObject(Name)
    {
        /// <inheritdoc/>
        public override NfObjectType Type => NfObjectType.Limit;

        internal override void PutData(NetlinkWriter writer) => Value.PutAttributes(writer);
    }

    /// <summary>A number of flows.</summary>
    /// <param name="Name">Name.</param>
    /// <param name="Count">How many.</param>
    /// <param name="Over">Matches when there are more, instead of up to it.</param>
    public sealed record ConnectionLimit(string Name, uint Count, bool Over = false) : NfObject(Name)
    {
        /// <inheritdoc/>
        public override NfObjectType Type => NfObjectType.ConnectionLimit;

        internal override void PutData(NetlinkWriter writer)
        {
            writer.PutBigEndian(NFTA_CONNLIMIT_COUNT, Count);
            writer.PutBigEndian(NFTA_CONNLIMIT_FLAGS, Over ? NFT_CONNLIMIT_F_INV : 0u);
        }
    }

    /// <summary>
    /// How long connection tracking keeps idle flows of a protocol. A rule that uses it must see the flow's first packet after tracking
    /// (<see cref="NfPriority.ConnectionTracking"/>) and before it is confirmed. States that are not named have the namespace's defaults.
    /// </summary>
    /// <param name="Name">Name.</param>
    /// <param name="Family">IPv4 or IPv6; needed in inet tables, where it is one of both.</param>
    /// <param name="Protocol">6 TCP, 17 UDP, 132 SCTP.</param>
    public sealed record CtTimeout(string Name, NfFamily Family, byte Protocol) : NfObject(Name)
    {
        /// <inheritdoc/>
        public override NfObjectType Type => NfObjectType.CtTimeout;

        /// <summary>
        /// Seconds by state, <c>linux/netfilter/nfnetlink_cttimeout.h</c>; see <see cref="NfCtTimeoutState"/> for those in use. The kernel
        /// lists all states of the protocol.
        /// </summary>
        public IReadOnlyList<(ushort State, uint Seconds)> Seconds { get; init; } = [];

        /// <summary>The seconds of one state; null when it is not named.</summary>
        public uint? this[ushort state]
        {
            get
            {
                foreach ((ushort s, uint seconds) in Seconds)
                {
                    if (s == state)
                    {
                        return seconds;
                    }
                }

                return null;
            }
        }

        /// <inheritdoc/>
        public bool Equals(CtTimeout? other) => other is not null
            && (Name, Family, Protocol) == (other.Name, other.Family, other.Protocol) && Seconds.SequenceEqual(other.Seconds);

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(Name, Family, Protocol);

        internal override void PutData(NetlinkWriter writer)
        {
            writer.PutBigEndian(NFTA_CT_TIMEOUT_L3PROTO, (ushort)Family);
            writer.Put(NFTA_CT_TIMEOUT_L4PROTO, Protocol);
            int nest = writer.BeginNested(NFTA_CT_TIMEOUT_DATA);
            foreach ((ushort state, uint seconds) in Seconds)
            {
                writer.PutBigEndian(state, seconds);
            }

            writer.EndNested(nest);
        }
    }
}
