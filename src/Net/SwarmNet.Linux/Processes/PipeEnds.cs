namespace SwarmNet.Linux;

/// <summary>The two ends of a pipe(2), both close-on-exec.</summary>
public readonly record struct PipeEnds(FileDescriptor Read, FileDescriptor Write)
{
    /// <summary>Makes a pipe; the caller owns both ends.</summary>
    public static unsafe PipeEnds Create()
    {
        int* fds = stackalloc int[2];
        if (Libc.pipe2(fds, Libc.O_CLOEXEC) != 0)
        {
            LinuxException.ThrowLast("pipe2");
        }

        return new PipeEnds(new FileDescriptor(fds[0]), new FileDescriptor(fds[1]));
    }
}
