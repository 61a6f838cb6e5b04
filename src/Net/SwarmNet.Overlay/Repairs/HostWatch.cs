using System.Threading.Channels;
using SwarmNet.Linux;
using SwarmNet.Netlink;
using SwarmNet.Netlink.NfTables;
using SwarmNet.Overlay.Encryption;
using SwarmNet.Overlay.Gateway;
using SwarmNet.Overlay.Mesh;

namespace SwarmNet.Overlay.Repairs;

/// <summary>
/// Tells at once when the tables that this package keeps in a host's namespace are changed, so that they need not wait for the next pass of a
/// <see cref="Reconciler"/> after somebody has flushed the host's rules. It tells of the package's own changes too: to compare again then costs little, since entries of the mesh,
/// which change all the time, are passed over.
/// </summary>
public sealed class HostWatch : IAsyncDisposable
{
    private static readonly string[] _tables = [TunnelEncryption.TableName, HostGateway.TableName, RoutingMesh.TableName, RoutingMesh.UserTableName];

    private readonly NfTablesMonitor _monitor;
    private readonly Func<IReadOnlySet<string>, CancellationToken, Task> _changed;
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<string> _pending = [];
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private Task _loops = Task.CompletedTask;

    private HostWatch(NfTablesMonitor monitor, Func<IReadOnlySet<string>, CancellationToken, Task> changed) => (_monitor, _changed) = (monitor, changed);

    /// <summary>Raised when <c>changed</c> failed, or when there will be no more news; the passes go on.</summary>
    public event Action<Exception>? Failed;

    /// <summary>Listens from now on.</summary>
    /// <param name="ns">The host's namespace, null = that of the process; need not stay open.</param>
    /// <param name="changed">Called with the names of the tables, once for all that has changed since it was called last, not beside itself.</param>
    /// <exception cref="NetlinkException">The kernel refuses.</exception>
    public static HostWatch Start(NetworkNamespace? ns, Func<IReadOnlySet<string>, CancellationToken, Task> changed)
    {
        var watch = new HostWatch(NfTablesMonitor.Open(ns), changed);
        watch._loops = Task.WhenAll(Task.Run(watch.ListenAsync), Task.Run(watch.TellAsync));
        return watch;
    }

    /// <summary>Ends it, after the call that runs.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loops.ConfigureAwait(false);
        _monitor.Dispose();
        _stop.Dispose();
    }

    /// <summary>The table that has to be looked at; empty = none, null = all. Pure.</summary>
    internal static string? TableOf(in NfTablesEvent change)
    {
        if (change.Kind == NfTablesEventKind.Overrun)
        {
            return null;
        }

        NfTable? table = change.Elements?.Table ?? change.Table?.Table ?? change.Chain?.Table ?? change.Rule?.Table ?? change.Set?.Table ?? change.Object?.Table;
        bool isEntry = change.Elements is not null && table?.Name != TunnelEncryption.TableName;
        return table is { } found && !isEntry && _tables.Contains(found.Name) ? found.Name : "";
    }

    private async Task ListenAsync()
    {
        try
        {
            await foreach (NfTablesEvent change in _monitor.ReadAllAsync(_stop.Token).ConfigureAwait(false))
            {
                string? table = TableOf(change);
                if (table == "")
                {
                    continue;
                }

                lock (_pending)
                {
                    _pending.UnionWith(table is null ? _tables : [table]);
                }

                _wake.Writer.TryWrite(true);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
        catch (NetlinkException e)
        {
            Failed?.Invoke(e);
        }
    }

    private async Task TellAsync()
    {
        try
        {
            while (await _wake.Reader.WaitToReadAsync(_stop.Token).ConfigureAwait(false))
            {
                _wake.Reader.TryRead(out _);
                HashSet<string> tables;
                lock (_pending)
                {
                    tables = [.. _pending];
                    _pending.Clear();
                }

                try
                {
                    await _changed(tables, _stop.Token).ConfigureAwait(false);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    Failed?.Invoke(e);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }
}
