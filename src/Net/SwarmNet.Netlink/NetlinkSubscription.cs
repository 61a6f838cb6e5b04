using System.Net.Sockets;
using System.Runtime.CompilerServices;
using SwarmNet.Linux;

namespace SwarmNet.Netlink;

/// <summary>
/// Notifications of multicast groups of a netlink family in one namespace. They queue in the kernel, in a buffer of fixed size, until
/// the reader takes them: a slow reader costs no memory. When the buffer is full the kernel drops messages; the reader is told so
/// (once, after the last message that is older than the loss has been discarded) and has to list the objects again.
/// </summary>
/// <remarks>
/// To follow a table without a gap: open the subscription, list the table, then read. A notification may repeat what the list already
/// shows, it never comes from before an overrun that was reported.
/// </remarks>
public sealed class NetlinkSubscription : IDisposable
{
    // What is decoded ahead of the reader, at most.
    private const int MaxDatagramsPerRead = 64;

    private readonly Socket _socket;
    private readonly FileDescriptor _descriptor;
    private readonly byte[] _peek = new byte[1];
    private byte[] _buffer = GC.AllocateUninitializedArray<byte>(32 * 1024);
    private int _reading;
    private long _overruns;

    private NetlinkSubscription(FileDescriptor descriptor)
    {
        // The managed socket owns the number and waits on it; the messages are read by raw calls, which tell the true length.
        _descriptor = new FileDescriptor(descriptor.Number, ownsHandle: false);
        _socket = new Socket(new SafeSocketHandle(descriptor.Release(), ownsHandle: true));
    }

    /// <summary>How often messages were lost so far.</summary>
    public long Overruns => Interlocked.Read(ref _overruns);

    /// <summary>Subscribes. From now on messages are kept for the reader.</summary>
    /// <param name="protocol">NETLINK_ROUTE 0, NETLINK_XFRM 6, NETLINK_NETFILTER 12, NETLINK_GENERIC 16.</param>
    /// <param name="groups">Numbers of the groups (RTNLGRP_LINK 1, NFNLGRP_NFTABLES 7 …).</param>
    /// <param name="ns">The namespace to listen in, null = that of the process; need not be kept open.</param>
    /// <param name="receiveBufferBytes">Size of the kernel's buffer.</param>
    public static unsafe NetlinkSubscription Open(int protocol, ReadOnlySpan<int> groups, NetworkNamespace? ns = null, int receiveBufferBytes = 1024 * 1024)
    {
        FileDescriptor Create() => Libc
            .socket(Libc.AF_NETLINK, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK, protocol)
            .OrThrow($"open netlink socket (protocol {protocol})");
        FileDescriptor socket = ns is null ? Create() : ns.Run(Create);
        try
        {
            SetOption(socket, Libc.SOL_SOCKET, Libc.SO_RCVBUFFORCE, receiveBufferBytes, "set size of receive buffer");

            // Without a port of its own a socket gets no notifications.
            var address = new Libc.sockaddr_nl { nl_family = Libc.AF_NETLINK };
            if (Libc.bind(socket, &address, (uint)sizeof(Libc.sockaddr_nl)) != 0)
            {
                throw new NetlinkException("bind netlink socket", LinuxException.LastErrno);
            }

            foreach (int group in groups)
            {
                SetOption(socket, Libc.SOL_NETLINK, Libc.NETLINK_ADD_MEMBERSHIP, group, $"join group {group}");
            }

            return new NetlinkSubscription(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The notifications, in the order of the kernel, until <paramref name="cancellationToken"/> or <see cref="Dispose"/>. Only one
    /// reader at a time. Messages that <paramref name="parser"/> refuses are skipped.
    /// </summary>
    /// <param name="parser">Turns one message into an event.</param>
    /// <param name="overrun">The event that stands for lost messages: list everything again.</param>
    /// <param name="cancellationToken">Ends the reading with <see cref="OperationCanceledException"/>.</param>
    public async IAsyncEnumerable<T> ReadAllAsync<T>(
        NetlinkParser<T> parser, T overrun, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _reading, 1) != 0)
        {
            throw new InvalidOperationException("The subscription is being read already: open one for each reader.");
        }

        try
        {
            var events = new List<T>();
            while (await WaitAsync(cancellationToken).ConfigureAwait(false) is { } lost)
            {
                Read(events, parser, overrun, lost);
                foreach (T item in events)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    yield return item;
                }

                events.Clear();
            }
        }
        finally
        {
            Volatile.Write(ref _reading, 0);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static unsafe void SetOption(FileDescriptor socket, int level, int name, int value, string operation)
    {
        if (Libc.setsockopt(socket, level, name, &value, sizeof(int)) != 0)
        {
            throw new NetlinkException(operation, LinuxException.LastErrno);
        }
    }

    /// <summary>Waits until there is something to read; true = the kernel has dropped messages; null = disposed.</summary>
    private async ValueTask<bool?> WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Looks at the first byte and leaves the message where it is.
            await _socket.ReceiveAsync(_peek.AsMemory(), SocketFlags.Peek, cancellationToken).ConfigureAwait(false);
            return false;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.NoBufferSpaceAvailable)
        {
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.OperationAborted)
        {
            return null;
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
    }

    /// <summary>
    /// Decodes what has arrived. The kernel reports a loss before the older messages that are still queued: those are discarded, since
    /// after the list that follows an overrun they would be stale. It drops everything until the queue is empty, so the overrun is told
    /// when that point is reached.
    /// </summary>
    private void Read<T>(List<T> events, NetlinkParser<T> parser, T overrun, bool lost)
    {
        for (int datagrams = 0; lost || datagrams < MaxDatagramsPerRead; datagrams++)
        {
            ReadOnlySpan<byte> datagram = Receive(ref lost, out bool empty);
            if (empty)
            {
                break;
            }

            var reader = new NetlinkReader(datagram);
            while (!lost && reader.TryRead(out NetlinkMessage message))
            {
                if (parser(message, out T? item))
                {
                    events.Add(item);
                }
            }
        }

        if (lost)
        {
            Interlocked.Increment(ref _overruns);
            events.Clear();
            events.Add(overrun);
        }
    }

    private ReadOnlySpan<byte> Receive(ref bool lost, out bool empty)
    {
        empty = false;
        bool added = false;
        try
        {
            _socket.SafeHandle.DangerousAddRef(ref added);
            while (true)
            {
                nint length = ReceiveInto(default, Libc.MSG_PEEK);
                if (length > _buffer.Length)
                {
                    _buffer = GC.AllocateUninitializedArray<byte>((int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)length));
                }

                length = length < 0 ? length : ReceiveInto(_buffer, 0);
                if (length >= 0)
                {
                    return _buffer.AsSpan(0, (int)length);
                }

                switch (LinuxException.LastErrno)
                {
                    case Errno.EINTR:
                        break;
                    case Errno.ENOBUFS:
                        lost = true;
                        break;
                    case Errno.EAGAIN:
                        empty = true;
                        return default;
                    case Errno errno:
                        throw new NetlinkException("read notifications", errno);
                }
            }
        }
        catch (ObjectDisposedException)
        {
            empty = true;
            return default;
        }
        finally
        {
            if (added)
            {
                _socket.SafeHandle.DangerousRelease();
            }
        }
    }

    private unsafe nint ReceiveInto(Span<byte> buffer, int flags)
    {
        fixed (byte* p = buffer)
        {
            return Libc.recv(_descriptor, p, (nuint)buffer.Length, flags | Libc.MSG_TRUNC | Libc.MSG_DONTWAIT);
        }
    }
}
