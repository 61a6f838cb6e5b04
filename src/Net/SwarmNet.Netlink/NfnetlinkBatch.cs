using System.Buffers.Binary;
using SwarmNet.Linux;

namespace SwarmNet.Netlink;

/// <summary>
/// A transaction of a netfilter subsystem (<c>linux/netfilter/nfnetlink.h</c>): NFNL_MSG_BATCH_BEGIN, changes, NFNL_MSG_BATCH_END in
/// one datagram; the kernel applies all of it or nothing. Only the last change asks for an ACK; errors always arrive.
/// </summary>
public class NfnetlinkBatch : NetlinkBatch
{
    private const ushort NFNL_MSG_BATCH_BEGIN = 0x10;
    private const ushort NFNL_MSG_BATCH_END = 0x11;
    private const ushort NFNL_BATCH_GENID = 1;

    private const int NfGenMsgLength = 4;

    private static readonly NetlinkAttributeSet _unnamed = new(NfGenMsgLength);

    private readonly ushort _subsystem;
    private int _lastChange;
    private bool _sealed;

    /// <summary>Creates an empty transaction.</summary>
    /// <param name="subsystem">NFNL_SUBSYS_NFTABLES = 10.</param>
    /// <param name="capacityBytes">Room before the first growth.</param>
    /// <param name="schema">The subsystem's attributes, so that errors can name the one refused; null = they give numbers.</param>
    public NfnetlinkBatch(ushort subsystem = 10, int capacityBytes = 16 * 1024, NetlinkSchema? schema = null)
        : base(capacityBytes, schema ?? Unnamed)
    {
        _subsystem = subsystem;
        WriteBegin();
    }

    /// <summary>Number of changes so far.</summary>
    public int Changes { get; private set; }

    internal override bool IsTransaction => true;

    /// <summary>Starts a change: header and nfgenmsg; append attributes, then call <see cref="NetlinkWriter.EndMessage"/>.</summary>
    /// <param name="message">Number inside the subsystem, for example NFT_MSG_NEWRULE = 6.</param>
    /// <param name="flags">CREATE, APPEND … as the change needs; REQUEST is added.</param>
    /// <param name="family">nfgen_family, for example NFPROTO_IPV4 = 2.</param>
    /// <param name="operation">For error messages.</param>
    /// <param name="subject">For error messages: the object.</param>
    public void BeginChange(byte message, NetlinkFlags flags, byte family, string operation, string? subject = null)
    {
        if (_sealed)
        {
            throw new InvalidOperationException("The transaction was sent already: call Clear first.");
        }

        BeginEntry((ushort)((_subsystem << 8) | message), flags | NetlinkFlags.Request, operation, subject, Errno.None);
        _lastChange = MessageStart;
        Changes++;
        WriteGenericHeader(family, 0);
    }

    /// <inheritdoc/>
    public override void Clear()
    {
        base.Clear();
        Changes = 0;
        _sealed = false;
        WriteBegin();
    }

    /// <summary>Makes the transaction depend on the subsystem's generation (NFNL_BATCH_GENID).</summary>
    internal void RequireGeneration(uint generation)
    {
        if (Changes > 0)
        {
            throw new InvalidOperationException("The generation comes before the first change.");
        }

        base.Clear();
        WriteBegin(generation);
    }

    internal override void Seal()
    {
        if (_sealed)
        {
            return;
        }

        _sealed = true;
        if (Changes > 0)
        {
            OrFlags(_lastChange, NetlinkFlags.Ack);
        }

        BeginEntry(NFNL_MSG_BATCH_END, NetlinkFlags.Request, "end transaction", null, Errno.None);
        WriteGenericHeader(0, _subsystem);
        EndMessage();
    }

    private void WriteBegin(uint generation = 0)
    {
        BeginEntry(NFNL_MSG_BATCH_BEGIN, NetlinkFlags.Request, "begin transaction", null, Errno.None);
        WriteGenericHeader(0, _subsystem);
        if (generation != 0)
        {
            PutBigEndian(NFNL_BATCH_GENID, generation);
        }

        EndMessage();
    }

    private static NetlinkAttributeSet Unnamed(ushort messageType) => _unnamed;

    // nfgenmsg: family u8 | version u8 = 0 | res_id u16 big endian
    private void WriteGenericHeader(byte family, ushort resourceId)
    {
        Span<byte> header = Reserve(NfGenMsgLength);
        header[0] = family;
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], resourceId);
    }
}
