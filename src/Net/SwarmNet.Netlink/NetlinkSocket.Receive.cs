using SwarmNet.Linux;
using static SwarmNet.Netlink.NetlinkConstants;

namespace SwarmNet.Netlink;

// The socket calls.
public sealed unsafe partial class NetlinkSocket
{
    // Far above what the kernel can send in one datagram; more is a broken answer.
    private const int MaxDatagramBytes = 16 * 1024 * 1024;

    /// <summary>
    /// Reads to the end of the answers. False: the result is not usable, since the kernel marked it as inconsistent (NLM_F_DUMP_INTR) or
    /// dropped a part (ENOBUFS); nothing of it is left in the socket then.
    /// </summary>
    private bool ReadAnswers<T>(uint sequence, List<T> results, NetlinkParser<T> parser, out NetlinkError error, string operation)
    {
        bool usable = true;
        bool lostSome = false;
        while (true)
        {
            // After a loss the end may be missing too; all that there is has been queued inside send(2) or recv(2).
            ReadOnlySpan<byte> datagram = ReceiveWhole(lostSome ? Libc.MSG_DONTWAIT : 0, operation, out Errno lost);
            if (lost != Errno.None)
            {
                lostSome = true;
                usable = false;
                continue;
            }

            if (datagram.IsEmpty)
            {
                error = default;
                return false;
            }

            var reader = new NetlinkReader(datagram);
            while (reader.TryRead(out NetlinkMessage message))
            {
                if (message.Sequence != sequence)
                {
                    continue; // left over from a call that failed
                }

                usable &= (message.Flags & NetlinkFlags.DumpInterrupted) == 0;
                if (message.Type is NLMSG_DONE or NLMSG_ERROR)
                {
                    if (!NetlinkError.TryParse(message, out error))
                    {
                        error = new NetlinkError(Errno.EPROTO, "malformed answer", 0);
                    }

                    return usable || error.Errno != Errno.None;
                }

                if (message.Type > NLMSG_OVERRUN && parser(message, out T? value))
                {
                    results.Add(value);
                }
            }
        }
    }

    private void Send(ReadOnlySpan<byte> bytes, string operation)
    {
        bool grown = false;
        fixed (byte* p = bytes)
        {
            // Without an address the datagram goes to the kernel (port 0).
            while (Libc.send(_socket, p, (nuint)bytes.Length, 0) < 0)
            {
                Errno errno = LinuxException.LastErrno;
                if (errno == Errno.EMSGSIZE && !grown)
                {
                    // What is sent at once (a transaction) must fit the send buffer whole.
                    SetOption(_socket, Libc.SOL_SOCKET, Libc.SO_SNDBUFFORCE, bytes.Length);
                    grown = true;
                }
                else if (errno != Errno.EINTR)
                {
                    throw new NetlinkException(operation, errno);
                }
            }
        }
    }

    /// <summary>As <see cref="Receive"/>, after making the buffer large enough for the next datagram.</summary>
    private ReadOnlySpan<byte> ReceiveWhole(int flags, string operation, out Errno lost)
    {
        nint length = ReceiveInto(default, flags | Libc.MSG_PEEK, operation, out lost);
        if (length > MaxDatagramBytes)
        {
            throw new NetlinkException(operation, Errno.EMSGSIZE, $"an answer of {length} bytes");
        }

        if (length > _receiveBuffer.Length)
        {
            _receiveBuffer = GC.AllocateUninitializedArray<byte>((int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)length));
        }

        return length <= 0 ? default : Receive(flags, operation, out lost);
    }

    /// <summary>
    /// One datagram, valid until the next call; empty when there is none and MSG_DONTWAIT was given, or when <paramref name="lost"/> is
    /// ENOBUFS: the kernel has dropped messages.
    /// </summary>
    private ReadOnlySpan<byte> Receive(int flags, string operation, out Errno lost)
    {
        nint length = ReceiveInto(_receiveBuffer, flags, operation, out lost);
        return length <= _receiveBuffer.Length
            ? _receiveBuffer.AsSpan(0, (int)length)
            : throw new NetlinkException(operation, Errno.EMSGSIZE, $"an answer of {length} bytes");
    }

    /// <summary>Length of the next datagram, also when it is longer than <paramref name="buffer"/>; 0 as told by <see cref="Receive"/>.</summary>
    private nint ReceiveInto(Span<byte> buffer, int flags, string operation, out Errno lost)
    {
        lost = Errno.None;
        fixed (byte* p = buffer)
        {
            while (true)
            {
                nint length = Libc.recv(_socket, p, (nuint)buffer.Length, flags | Libc.MSG_TRUNC);
                if (length >= 0)
                {
                    return length;
                }

                switch (LinuxException.LastErrno)
                {
                    case Errno.EINTR:
                        break;
                    case Errno.EAGAIN when (flags & Libc.MSG_DONTWAIT) != 0:
                        return 0;
                    case Errno.EAGAIN:
                        throw new NetlinkException(operation, Errno.ETIMEDOUT, "no answer from the kernel");
                    case Errno.ENOBUFS:
                        lost = Errno.ENOBUFS;
                        return 0;
                    case Errno errno:
                        throw new NetlinkException(operation, errno);
                }
            }
        }
    }
}
