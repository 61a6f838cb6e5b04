using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

/// <summary>A transaction that tells about a refused change what an operator can act on; it is read back from the encoded message.</summary>
internal sealed class NfTransaction(int capacityBytes) : NfnetlinkBatch(NFNL_SUBSYS_NFTABLES, capacityBytes, NfSchema.Of)
{
    internal override string DescribeEntry(int index) => TryRead(index, out NetlinkMessage message)
        ? NfErrorText.Describe(OperationOf(index), message)
        : base.DescribeEntry(index);

    private protected override string? Explain(int index, in NetlinkError error) => TryRead(index, out NetlinkMessage message)
        ? NfErrorText.Explain(message, error.Errno, error.Offset)
        : NfErrorText.ExplainTransaction(error.Errno);

    /// <summary>The change's message; false for begin and end.</summary>
    private bool TryRead(int index, out NetlinkMessage message) =>
        new NetlinkReader(Written[StartOf(index)..]).TryRead(out message) && message.Type >> 8 == NFNL_SUBSYS_NFTABLES;
}
