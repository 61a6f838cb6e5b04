namespace SwarmNet.Netlink.NfTables;

/// <summary>States of flows that have a timeout (<c>linux/netfilter/nfnetlink_cttimeout.h</c>).</summary>
public static class NfCtTimeoutState
{
    /// <summary>TCP: after the first SYN.</summary>
    public const ushort TcpSynSent = 1;

    /// <summary>TCP: after the SYN of the other side.</summary>
    public const ushort TcpSynReceived = 2;

    /// <summary>TCP: open; the kernel's default is 5 days.</summary>
    public const ushort TcpEstablished = 3;

    /// <summary>TCP: one side has closed.</summary>
    public const ushort TcpFinWait = 4;

    /// <summary>TCP: the other side is yet to close.</summary>
    public const ushort TcpCloseWait = 5;

    /// <summary>TCP: the last acknowledgement is awaited.</summary>
    public const ushort TcpLastAck = 6;

    /// <summary>TCP: both have closed.</summary>
    public const ushort TcpTimeWait = 7;

    /// <summary>TCP: reset.</summary>
    public const ushort TcpClose = 8;

    /// <summary>UDP: nothing has been answered; the kernel's default is 30 seconds.</summary>
    public const ushort UdpUnreplied = 1;

    /// <summary>UDP: both sides have sent; the kernel's default is 120 seconds.</summary>
    public const ushort UdpReplied = 2;

    /// <summary>SCTP: open.</summary>
    public const ushort SctpEstablished = 4;
}
