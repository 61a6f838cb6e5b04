using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SwarmNet.Raft;

/// <summary>Makes creations, renames and removals in a folder durable: fsync(2) of the folder itself, which .NET has no call for.</summary>
internal static partial class DurableFolder
{
    // asm-generic/fcntl.h
    private const int O_RDONLY = 0;
    private const int O_CLOEXEC = 0x80000;

    // linux/falloc.h
    private const int FALLOC_FL_KEEP_SIZE = 1;

    // asm-generic/errno.h
    private const int ENOSPC = 28;
    private const int EDQUOT = 122;

    public static void Create(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        CreatePrivate(path);
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } parent)
        {
            Sync(parent);
        }
    }

    public static void Sync(string path)
    {
        int descriptor = Open(path, O_RDONLY | O_CLOEXEC);
        if (descriptor < 0)
        {
            throw Failed("opened", path);
        }

        using SafeFileHandle handle = new(descriptor, ownsHandle: true);
        if (Fsync(handle) != 0)
        {
            throw Failed("synced to disk", path);
        }
    }

    /// <summary>
    /// Reserves blocks for a file that will grow to this size, without changing its size, so that a full disk shows now and not in the middle
    /// of a write. File systems that cannot do that are let be.
    /// </summary>
    /// <exception cref="IOException">The disk is full; HResult is the errno.</exception>
    public static void Reserve(SafeFileHandle file, long lengthBytes)
    {
        if (Fallocate(file, FALLOC_FL_KEEP_SIZE, 0, lengthBytes) != 0 && Marshal.GetLastPInvokeError() is (ENOSPC or EDQUOT) and int error)
        {
            throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
        }
    }

    private static void CreatePrivate(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("The log needs fsync(2) of folders; run it on Linux.");
        }

        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static RaftStorageException Failed(string what, string path) =>
        new($"The folder {path} cannot be {what}: {Marshal.GetLastPInvokeErrorMessage()}.", path);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(SafeFileHandle descriptor);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int Fallocate(SafeFileHandle descriptor, int mode, long offset, long length);
}
