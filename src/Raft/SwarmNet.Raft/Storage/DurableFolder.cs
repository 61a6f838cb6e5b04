using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SwarmNet.Raft;

/// <summary>Makes creations, renames and removals in a folder durable: fsync(2) of the folder itself, which .NET has no call for.</summary>
internal static partial class DurableFolder
{
    // asm-generic/fcntl.h
    private const int O_RDONLY = 0;
    private const int O_CLOEXEC = 0x80000;

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
}
