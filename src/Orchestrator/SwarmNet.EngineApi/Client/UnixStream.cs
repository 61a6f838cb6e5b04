using System.Runtime.InteropServices;
using System.Text;
using SwarmNet.Linux;

namespace SwarmNet.EngineApi.Client;

/// <summary>
/// A connected unix stream socket by bare system calls. System.Net.Sockets would do, but loading and initialising it takes a third of the time
/// that a short command takes in all.
/// </summary>
internal sealed unsafe class UnixStream : BlockingStream
{
    // sun_path of struct sockaddr_un (unix(7)), with its final zero.
    private const int MaxPathBytes = 108;

    private readonly FileDescriptor _socket;

    private UnixStream(FileDescriptor socket) => _socket = socket;

    /// <summary>Connects; throws <see cref="IOException"/> whose HResult is the errno.</summary>
    public static UnixStream Connect(string path)
    {
        var bytes = Encoding.UTF8.GetBytes(path);
        if (bytes.Length >= MaxPathBytes)
        {
            throw new IOException($"the path of a unix socket has at most {MaxPathBytes - 1} bytes");
        }

        var address = stackalloc byte[2 + MaxPathBytes];
        new Span<byte>(address, 2 + MaxPathBytes).Clear();
        *(ushort*)address = Libc.AF_UNIX;
        bytes.CopyTo(new Span<byte>(address + 2, MaxPathBytes));
        var socket = Libc.socket(Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC, 0);
        if (socket.IsInvalid || Libc.connect(socket, address, (uint)(2 + bytes.Length + 1)) < 0)
        {
            var error = LastError();
            socket.Dispose();
            throw error;
        }

        return new UnixStream(socket);
    }

    public override int Read(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                var count = Libc.recv(_socket, start, (nuint)buffer.Length, 0);
                if (count >= 0)
                {
                    return (int)count;
                }

                if ((Errno)Marshal.GetLastPInvokeError() != Errno.EINTR)
                {
                    throw LastError();
                }
            }
        }
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            var sent = 0;
            while (sent < buffer.Length)
            {
                var count = Libc.send(_socket, start + sent, (nuint)(buffer.Length - sent), Libc.MSG_NOSIGNAL);
                if (count >= 0)
                {
                    sent += (int)count;
                }
                else if ((Errno)Marshal.GetLastPInvokeError() != Errno.EINTR)
                {
                    throw LastError();
                }
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        _socket.Dispose();
        base.Dispose(disposing);
    }

    private static IOException LastError()
    {
        var errno = Marshal.GetLastPInvokeError();
        return new IOException(Marshal.GetPInvokeErrorMessage(errno), errno);
    }
}
