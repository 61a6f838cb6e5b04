using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace SwarmNet.Raft.Tests;

/// <summary>Transports on loopback sockets; what a stream is wrapped in is the test's choice.</summary>
internal sealed class TransportNetwork : IAsyncDisposable
{
    private readonly ConcurrentDictionary<ulong, EndPoint> _addresses = new();
    private readonly ConcurrentDictionary<ulong, (TcpListener Listener, Task Loop)> _listeners = new();
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Wraps an outgoing stream, or an incoming one.</summary>
    public Func<Stream, bool, CancellationToken, Task<Stream>> Wrap { get; init; } = static (stream, _, _) => Task.FromResult(stream);

    /// <summary>Who an incoming connection may speak for.</summary>
    public Predicate<ulong> MayBe { get; init; } = static _ => true;

    public int Accepted;

    public RaftTransport Create(ulong id, int maxQueuedBytes = 8 << 20, TimeSpan? writeTimeout = null) => new(new RaftTransportOptions
    {
        NodeId = id,
        MaxQueuedBytes = maxQueuedBytes,
        WriteTimeout = writeTimeout ?? TimeSpan.FromSeconds(10),
        RetryDelay = TimeSpan.FromMilliseconds(5),
        MaxRetryDelay = TimeSpan.FromMilliseconds(50),
        ConnectAsync = ConnectAsync,
    });

    public void Listen(ulong id, RaftTransport transport)
    {
        TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        _addresses[id] = listener.LocalEndpoint;
        _listeners[id] = (listener, Task.Run(() => AcceptAsync(listener, transport)));
    }

    public async Task<Stream> ConnectAsync(ulong id, CancellationToken cancellationToken)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(_addresses.GetValueOrDefault(id) ?? throw new IOException($"nobody has {id}"), cancellationToken);
            return await Wrap(new NetworkStream(socket, ownsSocket: true), true, cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Refuses connections from now on; <paramref name="close"/> ends those there are.</summary>
    public async Task StopListeningAsync(ulong id, Func<ValueTask>? close = null)
    {
        if (_listeners.TryRemove(id, out (TcpListener Listener, Task Loop) listener))
        {
            listener.Listener.Dispose();
            await (close?.Invoke() ?? ValueTask.CompletedTask);
            await listener.Loop;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        foreach (ulong id in _listeners.Keys)
        {
            await StopListeningAsync(id);
        }
    }

    private async Task AcceptAsync(TcpListener listener, RaftTransport transport)
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                Socket socket = await listener.AcceptSocketAsync(_stopping.Token);
                Interlocked.Increment(ref Accepted);
                connections.Add(ServeAsync(new NetworkStream(socket, ownsSocket: true), transport));
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Stream stream, RaftTransport transport)
    {
        try
        {
            await transport.AcceptAsync(await Wrap(stream, false, _stopping.Token), MayBe, _stopping.Token);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            await stream.DisposeAsync();
        }
    }
}
