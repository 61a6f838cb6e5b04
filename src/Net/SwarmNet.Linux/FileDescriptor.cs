using Microsoft.Win32.SafeHandles;

namespace SwarmNet.Linux;

/// <summary>An open file descriptor; closed once, when disposed or finalised.</summary>
public sealed class FileDescriptor : SafeHandleMinusOneIsInvalid
{
    /// <summary>An empty handle, filled by the bindings.</summary>
    public FileDescriptor()
        : base(ownsHandle: true)
    {
    }

    /// <summary>Takes <paramref name="fd"/>; closes it at the end when <paramref name="ownsHandle"/>.</summary>
    public FileDescriptor(int fd, bool ownsHandle = true)
        : base(ownsHandle) => SetHandle(fd);

    /// <summary>The number, valid while this object is alive and not disposed.</summary>
    public int Number => (int)handle;

    /// <summary>
    /// Gives the number away (for example to a <c>SafeSocketHandle</c>): the new owner closes it, this handle no longer does.
    /// </summary>
    public int Release()
    {
        int fd = (int)handle;
        SetHandleAsInvalid();
        return fd;
    }

    /// <summary>Returns this handle, or throws a <see cref="LinuxException"/> when the call that made it failed.</summary>
    public FileDescriptor OrThrow(string operation)
    {
        if (IsInvalid)
        {
            Errno errno = LinuxException.LastErrno;
            Dispose();
            throw new LinuxException(operation, errno);
        }

        return this;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.close((int)handle) == 0;
}
