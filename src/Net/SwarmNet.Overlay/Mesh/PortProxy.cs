using System.Buffers;
using System.Net;
using System.Net.Sockets;
using SwarmNet.Linux;

namespace SwarmNet.Overlay.Mesh;

/// <summary>
/// Published TCP ports on the IPv6 addresses of a host whose mesh is IPv4: a connection to such a port is taken here and carried on to the same port of 127.0.0.1, which the
/// mesh translates. Backends see the host's address, not the client's. Works only while the process lives; connections end with it.
/// </summary>
/// <remarks>Thread-safe. Of more than <see cref="MaxConnections"/> connections at a time the newest are reset.</remarks>
public sealed class PortProxy : IAsyncDisposable
{
    /// <summary>Most connections that are carried at a time, over all ports.</summary>
    public const int MaxConnections = 4096;

    private const int BufferLengthBytes = 64 * 1024;
    private const int IPV6_V6ONLY = 26; // linux/in6.h
    private const int IPPROTO_IPV6 = 41;

    private static readonly TimeSpan _connectPatience = TimeSpan.FromSeconds(10);

    private readonly NetworkNamespace? _ns;
    private readonly Lock _lock = new();
    private readonly Dictionary<ushort, Listener> _listeners = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<Task> _running = [];
    private int _connections;

    /// <param name="ns">The host's namespace, which must stay open; null = the one of this process.</param>
    public PortProxy(NetworkNamespace? ns = null) => _ns = ns;

    /// <summary>
    /// Answers on these, and only these, ports; those of other protocols than TCP, and on single addresses, are left out. Connections over a port that goes
    /// are left to their ends.
    /// </summary>
    /// <returns>Ports on which somebody else listens with IPv6; the next call tries them again. None where the kernel has no IPv6.</returns>
    public IReadOnlyList<GuardedPort> SetPorts(IReadOnlyList<PublishedPort> ports)
    {
        var wanted = new HashSet<ushort>();
        foreach (PublishedPort port in ports)
        {
            if (port.Protocol == ProtocolType.Tcp && port.HostIp is null)
            {
                wanted.UnionWith(Enumerable.Range(port.Port, port.LastPort - port.Port + 1).Select(static number => (ushort)number));
            }
        }

        var taken = new List<GuardedPort>();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, this);
            foreach (ushort gone in _listeners.Keys.Where(port => !wanted.Contains(port)).ToList())
            {
                _listeners.Remove(gone, out Listener? listener);
                listener!.Socket.Dispose();
            }

            foreach (ushort port in wanted.Where(port => !_listeners.ContainsKey(port)).Order())
            {
                if (!TryListen(port, out Listener? listener))
                {
                    break;
                }

                if (listener is null)
                {
                    taken.Add(new GuardedPort(ProtocolType.Tcp, port));
                    continue;
                }

                _listeners.Add(port, listener);
                Run(() => AcceptAsync(listener));
            }
        }

        return taken;
    }

    /// <summary>Ends all connections and gives the ports up.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] running;
        lock (_lock)
        {
            _stop.Cancel();
            foreach (Listener listener in _listeners.Values)
            {
                listener.Socket.Dispose();
            }

            _listeners.Clear();
            running = [.. _running];
        }

        await Task.WhenAll(running).ConfigureAwait(false);
        _stop.Dispose();
    }

    /// <summary>False where the kernel has no IPv6; no listener where the port is taken.</summary>
    private bool TryListen(ushort port, out Listener? listener)
    {
        listener = null;
        Socket socket;
        try
        {
            socket = Open(Libc.AF_INET6);
        }
        catch (LinuxException e) when (e.Errno == Errno.EAFNOSUPPORT)
        {
            return false;
        }

        try
        {
            // IPv4 is the mesh's, which holds the port there.
            socket.SetRawSocketOption(IPPROTO_IPV6, IPV6_V6ONLY, [1, 0, 0, 0]);
            // Connections of an earlier process may still be in TIME_WAIT; a listener is a conflict all the same.
            socket.SetRawSocketOption(Libc.SOL_SOCKET, Libc.SO_REUSEADDR, [1, 0, 0, 0]);
            socket.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
            socket.Listen(512);
            listener = new Listener(port, socket);
            return true;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            // IPv6 may be there and turned off (sysctl disable_ipv6): then it has no address to listen on.
            return e.SocketErrorCode == SocketError.AddressAlreadyInUse;
        }
    }

    private Socket Open(int family)
    {
        FileDescriptor fd = _ns is null
            ? Libc.socket(family, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC, 0).OrThrow("socket")
            : _ns.OpenSocket(family, Libc.SOCK_STREAM, 0);
        return new Socket(new SafeSocketHandle(fd.Release(), ownsHandle: true));
    }

    /// <summary>Runs something that <see cref="DisposeAsync"/> waits for. Under the lock.</summary>
    private void Run(Func<Task> action)
    {
        Task task = Task.Run(action);
        _running.Add(task);
        _ = task.ContinueWith(
            ended =>
            {
                lock (_lock)
                {
                    _running.Remove(ended);
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    private async Task AcceptAsync(Listener listener)
    {
        while (!_stop.IsCancellationRequested)
        {
            Socket client;
            try
            {
                client = await listener.Socket.AcceptAsync(_stop.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                if (e.SocketErrorCode == SocketError.OperationAborted)
                {
                    return;
                }

                // A client that left before it was taken, or no descriptor is free: the queue waits.
                await Task.Delay(10).ConfigureAwait(false);
                continue;
            }

            lock (_lock)
            {
                if (_stop.IsCancellationRequested || _connections >= MaxConnections)
                {
                    Reset(client);
                    continue;
                }

                _connections++;
                Run(() => CarryAsync(client, listener.Port));
            }
        }
    }

    private async Task CarryAsync(Socket client, ushort port)
    {
        Socket? server = null;
        try
        {
            server = Open(Libc.AF_INET);
            using (var patience = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token))
            {
                patience.CancelAfter(_connectPatience);
                await server.ConnectAsync(IPAddress.Loopback, port, patience.Token).ConfigureAwait(false);
            }

            client.NoDelay = server.NoDelay = true;
            // Idle is no reason to end one, a peer that is gone is.
            client.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            using var broken = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            await Task.WhenAll(PumpAsync(client, server, broken), PumpAsync(server, client, broken)).ConfigureAwait(false);
            client.Dispose();
            server.Dispose();
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or LinuxException or ObjectDisposedException)
        {
            Reset(client);
            if (server is not null)
            {
                Reset(server);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    }

    /// <summary>Carries one direction until its end, which it passes on; a failure ends the other direction too.</summary>
    private static async Task PumpAsync(Socket from, Socket to, CancellationTokenSource broken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferLengthBytes);
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(buffer, broken.Token).ConfigureAwait(false)) > 0)
            {
                for (int sent = 0; sent < read;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), broken.Token).ConfigureAwait(false);
                }
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            await broken.CancelAsync().ConfigureAwait(false);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Ends a connection so that its peer knows that something was lost.</summary>
    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It has ended by itself.
        }

        socket.Dispose();
    }

    private sealed record Listener(ushort Port, Socket Socket);
}
