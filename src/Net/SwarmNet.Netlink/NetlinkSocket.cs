using SwarmNet.Linux;
using static SwarmNet.Netlink.NetlinkConstants;

namespace SwarmNet.Netlink;

/// <summary>
/// A netlink socket of one namespace. Requests are answered by the kernel inside send(2), so the calls are synchronous and take
/// microseconds. One caller at a time is served, others wait.
/// </summary>
public sealed unsafe partial class NetlinkSocket : IDisposable
{
    // An answer is at least an skb of about 1 KiB; so many of them fit the 8 MiB receive buffer.
    private const int MaxRequestsPerSend = 1000;
    private const int MaxBytesPerSend = 256 * 1024;
    private const int MaxDumpAttempts = 10;
    private const int BufferBytes = 8 * 1024 * 1024;

    private static uint _sequence;

    private readonly FileDescriptor _socket;
    private readonly Lock _lock = new();
    private byte[] _receiveBuffer;

    /// <summary>Takes a descriptor that was prepared by <see cref="Open"/>, or the end of a socket pair in tests.</summary>
    internal NetlinkSocket(FileDescriptor socket, int receiveBufferBytes = 64 * 1024)
    {
        _socket = socket;
        _receiveBuffer = GC.AllocateUninitializedArray<byte>(receiveBufferBytes);
    }

    /// <summary>The descriptor, owned by this object.</summary>
    public FileDescriptor Descriptor => _socket;

    /// <summary>The next sequence number of the process: rising, never reused before 2^32 messages.</summary>
    public static uint NextSequence() => Interlocked.Increment(ref _sequence);

    /// <summary>Opens a socket in <paramref name="ns"/>, or in the namespace of the process.</summary>
    /// <param name="protocol">NETLINK_ROUTE 0, NETLINK_XFRM 6, NETLINK_NETFILTER 12, NETLINK_GENERIC 16.</param>
    /// <param name="ns">The namespace to open it in; need not be kept open.</param>
    public static NetlinkSocket Open(int protocol, NetworkNamespace? ns = null)
    {
        FileDescriptor Create() =>
            Libc.socket(Libc.AF_NETLINK, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC, protocol).OrThrow($"open netlink socket (protocol {protocol})");
        FileDescriptor socket = ns is null ? Create() : ns.Run(Create);
        SetOption(socket, Libc.SOL_NETLINK, Libc.NETLINK_EXT_ACK, 1);
        SetOption(socket, Libc.SOL_NETLINK, Libc.NETLINK_CAP_ACK, 1);
        if (protocol == Libc.NETLINK_ROUTE)
        {
            SetOption(socket, Libc.SOL_NETLINK, Libc.NETLINK_GET_STRICT_CHK, 1);
        }

        SetOption(socket, Libc.SOL_SOCKET, Libc.SO_SNDBUFFORCE, BufferBytes);
        SetOption(socket, Libc.SOL_SOCKET, Libc.SO_RCVBUFFORCE, BufferBytes);
        var timeout = new Libc.timeval { tv_sec = 10 };
        _ = Libc.setsockopt(socket, Libc.SOL_SOCKET, Libc.SO_RCVTIMEO, &timeout, (uint)sizeof(Libc.timeval));
        return new NetlinkSocket(socket);
    }

    /// <summary>
    /// Sends all requests and reads their answers. Later requests run also when an earlier one failed (except in a transaction).
    /// Throws the first failure; all are in <see cref="NetlinkBatch.Failures"/>. The batch keeps its content.
    /// </summary>
    public void Execute(NetlinkBatch batch)
    {
        TryExecute(batch);
        if (batch.Failures.Count > 0)
        {
            throw batch.Failures[0];
        }
    }

    /// <summary>As <see cref="Execute"/>, but refusals are only left in <see cref="NetlinkBatch.Failures"/>; true when there are none.</summary>
    public bool TryExecute(NetlinkBatch batch)
    {
        lock (_lock)
        {
            batch.ResetFailures();
            if (batch.IsTransaction)
            {
                batch.Seal();
                ExecuteTransaction(batch);
            }
            else
            {
                ExecuteRequests(batch);
            }
        }

        return batch.Failures.Count == 0;
    }

    /// <summary>As <see cref="Query"/>, for one object: null when the kernel refuses with the errno by which it says that there is none.</summary>
    internal T? QueryOne<T>(NetlinkWriter request, NetlinkParser<T> parser, string operation, Errno none, NetlinkSchema? schema = null)
        where T : class
    {
        try
        {
            return Query(request, parser, operation, schema).FirstOrDefault();
        }
        catch (NetlinkException e) when (e.Errno == none)
        {
            return null;
        }
    }

    /// <summary>
    /// Sends one get-request (with DUMP or ACK, and a number of <see cref="NextSequence"/>) and collects what
    /// <paramref name="parser"/> makes of the answers. A dump that the kernel calls inconsistent, or of which it lost a part, is
    /// repeated up to 10 times with a fresh number; then the error is EAGAIN.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="parser">Turns one answer into an object.</param>
    /// <param name="operation">For error messages, for example <c>list links</c>.</param>
    /// <param name="schema">The family's attributes, so that errors can name the one refused.</param>
    public List<T> Query<T>(NetlinkWriter request, NetlinkParser<T> parser, string operation, NetlinkSchema? schema = null)
    {
        uint sequence = System.Runtime.InteropServices.MemoryMarshal.Read<uint>(request.Written[8..]);
        lock (_lock)
        {
            var results = new List<T>();
            for (int attempt = 1; ; attempt++)
            {
                Send(request.Written, operation);
                if (ReadAnswers(sequence, results, parser, out NetlinkError error, operation))
                {
                    return error.Errno == Errno.None ? results : throw NetlinkException.From(operation, error, request.Written, schema);
                }

                if (attempt == MaxDumpAttempts)
                {
                    throw new NetlinkException(operation, Errno.EAGAIN, $"the list changed during each of {MaxDumpAttempts} attempts to read it");
                }

                results.Clear();
                sequence = request.Renumber();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static void SetOption(FileDescriptor socket, int level, int name, int value) =>
        _ = Libc.setsockopt(socket, level, name, &value, sizeof(int)); // what an older kernel lacks, we can do without

    private void ExecuteRequests(NetlinkBatch batch)
    {
        for (int first = 0; first < batch.Count;)
        {
            int start = batch.StartOf(first);
            int end = first + 1;
            while (end < batch.Count && end - first < MaxRequestsPerSend && batch.StartOf(end + 1) - start <= MaxBytesPerSend)
            {
                end++;
            }

            Send(batch.Written[start..batch.StartOf(end)], batch.DescribeEntry(first));
            int missing = end - first;
            while (missing > 0)
            {
                ReadOnlySpan<byte> datagram = Receive(0, batch.DescribeEntry(first), out Errno lost);
                if (lost != Errno.None)
                {
                    throw new NetlinkException(batch.DescribeEntry(first), lost, "answers were lost: list what is there before trying again");
                }

                var reader = new NetlinkReader(datagram);
                while (reader.TryRead(out NetlinkMessage message))
                {
                    missing -= TakeAnswer(batch, message) >= first ? 1 : 0;
                }
            }

            first = end;
        }
    }

    private void ExecuteTransaction(NetlinkBatch batch)
    {
        Send(batch.Written, batch.DescribeEntry(0));

        // All answers are queued before send(2) returns. Without a change there is nothing to acknowledge.
        bool acknowledged = batch.Count <= 2;
        while (true)
        {
            ReadOnlySpan<byte> datagram = Receive(Libc.MSG_DONTWAIT, batch.DescribeEntry(0), out Errno lost);
            if (lost != Errno.None)
            {
                continue; // the acknowledgement or an error may be among what is left
            }

            if (datagram.IsEmpty)
            {
                break;
            }

            var reader = new NetlinkReader(datagram);
            while (reader.TryRead(out NetlinkMessage message))
            {
                acknowledged |= TakeAnswer(batch, message) == batch.Count - 2;
            }
        }

        if (!acknowledged && batch.Failures.Count == 0)
        {
            batch.AddFailure(0, new NetlinkError(Errno.EPROTO, "the kernel did not acknowledge the transaction", 0));
        }
    }

    /// <summary>Records an answer; returns the index of its request, -1 for anything else.</summary>
    private static int TakeAnswer(NetlinkBatch batch, in NetlinkMessage message)
    {
        int index = message.Type == NLMSG_ERROR ? batch.IndexOf(message.Sequence) : -1;
        if (index >= 0)
        {
            if (!NetlinkError.TryParse(message, out NetlinkError error))
            {
                batch.AddFailure(index, new NetlinkError(Errno.EPROTO, "malformed acknowledgement", 0));
            }
            else if (error.Errno != Errno.None && !batch.Tolerates(index, error.Errno))
            {
                batch.AddFailure(index, error);
            }
        }

        return index;
    }
}
