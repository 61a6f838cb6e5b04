using System.Runtime.InteropServices;
using SwarmNet.Linux;

namespace SwarmNet.Netlink;

/// <summary>
/// Plays the kernel on the other end of a socket pair: answers each request that arrives by what a script returns, datagram by
/// datagram. So the answers can be such that a real kernel gives them rarely.
/// </summary>
internal sealed unsafe class FakeKernel : IDisposable
{
    private readonly FileDescriptor _end;
    private readonly Thread _thread;

    /// <summary>Starts it; <paramref name="script"/> gets the number of the request (from 1) and its sequence number.</summary>
    internal FakeKernel(Func<int, uint, IEnumerable<byte[]>> script, int receiveBufferBytes = 64 * 1024)
    {
        int* ends = stackalloc int[2];
        Assert.That(Libc.socketpair(Libc.AF_UNIX, Libc.SOCK_SEQPACKET | Libc.SOCK_CLOEXEC, 0, ends), Is.Zero);
        Socket = new NetlinkSocket(new FileDescriptor(ends[0]), receiveBufferBytes);
        _end = new FileDescriptor(ends[1]);
        _thread = new Thread(() => Loop(script)) { IsBackground = true };
        _thread.Start();
    }

    internal NetlinkSocket Socket { get; }

    internal int Requests { get; private set; }

    public void Dispose()
    {
        Socket.Dispose();
        _thread.Join();
        _end.Dispose();
    }

    /// <summary>A message with a u32 as payload.</summary>
    internal static byte[] Message(ushort type, NetlinkFlags flags, uint sequence, params uint[] payload)
    {
        var writer = new NetlinkWriter();
        writer.BeginMessage(type, flags, sequence);
        foreach (uint value in payload)
        {
            writer.Append(value);
        }

        writer.EndMessage();
        return writer.Written.ToArray();
    }

    internal static byte[] Done(uint sequence, NetlinkFlags flags = NetlinkFlags.Multi) => Message(NetlinkConstants.NLMSG_DONE, flags, sequence, 0);

    private void Loop(Func<int, uint, IEnumerable<byte[]>> script)
    {
        byte[] request = new byte[64 * 1024];
        while (true)
        {
            nint length;
            fixed (byte* p = request)
            {
                length = Libc.recv(_end, p, (nuint)request.Length, 0);
            }

            if (length <= 0)
            {
                return;
            }

            Requests++;
            foreach (byte[] answer in script(Requests, MemoryMarshal.Read<uint>(request.AsSpan(8))))
            {
                fixed (byte* p = answer)
                {
                    if (Libc.send(_end, p, (nuint)answer.Length, Libc.MSG_NOSIGNAL) < 0)
                    {
                        return;
                    }
                }
            }
        }
    }
}
