using SwarmNet.Linux;

namespace SwarmNet.Netlink.NfTables;

/// <summary>
/// Notifications about the rules of one namespace, those of other programs included. To follow a table without a gap: open the
/// monitor, read the table by <see cref="NfTableSnapshot.Read"/>, then read the notifications; read the table again after each
/// <see cref="NfTablesEventKind.Overrun"/>.
/// </summary>
public sealed class NfTablesMonitor : IDisposable
{
    private const int NFNLGRP_NFTABLES = 7;

    private readonly NetlinkSubscription _subscription;

    private NfTablesMonitor(NetlinkSubscription subscription) => _subscription = subscription;

    /// <summary>How often notifications were lost so far.</summary>
    public long Overruns => _subscription.Overruns;

    /// <summary>Starts to listen in <paramref name="ns"/>, or in the namespace of the process.</summary>
    /// <param name="ns">The namespace; need not be kept open.</param>
    /// <param name="receiveBufferBytes">Size of the kernel's buffer, in which notifications wait for the reader.</param>
    public static NfTablesMonitor Open(NetworkNamespace? ns = null, int receiveBufferBytes = 1024 * 1024) =>
        new(NetlinkSubscription.Open(Libc.NETLINK_NETFILTER, [NFNLGRP_NFTABLES], ns, receiveBufferBytes));

    /// <summary>The events, in the order of the kernel, until <paramref name="cancellationToken"/> or <see cref="Dispose"/>. One reader at a time.</summary>
    public IAsyncEnumerable<NfTablesEvent> ReadAllAsync(CancellationToken cancellationToken = default) =>
        _subscription.ReadAllAsync<NfTablesEvent>(NfTablesEvent.TryParse, NfTablesEvent.Overrun, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _subscription.Dispose();
}
