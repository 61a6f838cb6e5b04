using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SwarmNet.Ca;

/// <summary>
/// Files that are replaced whole or not at all, also when the machine dies: written aside, synced, renamed, and the folder synced, for which
/// .NET has no call (fsync(2) of a folder).
/// </summary>
public static partial class DurableFile
{
    // asm-generic/fcntl.h
    private const int O_RDONLY = 0;
    private const int O_CLOEXEC = 0x80000;

    /// <summary>Readable by its owner alone.</summary>
    public const UnixFileMode Secret = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Readable by everybody.</summary>
    public const UnixFileMode Public = Secret | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Makes the file, or puts it in the place of the one there. Throws <see cref="IOException"/>, and then the old one stays.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> contents, UnixFileMode mode)
    {
        var aside = path + ".tmp";
        try
        {
            WriteAside(aside, contents, mode);
            Rename(aside, path);
        }
        catch
        {
            File.Delete(aside);
            throw;
        }
    }

    /// <summary>Removes the file, if it is there, for good.</summary>
    public static void Delete(string path)
    {
        if (File.Exists(path))
        {
            File.Delete(path);
            SyncFolderOf(path);
        }
    }

    /// <summary>Writes and syncs a file that no reader knows yet.</summary>
    internal static void WriteAside(string path, ReadOnlySpan<byte> contents, UnixFileMode mode)
    {
        File.Delete(path);
        using var stream = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode });
        stream.Write(contents);
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Renames over what is there.</summary>
    internal static void Rename(string from, string to)
    {
        File.Move(from, to, overwrite: true);
        SyncFolderOf(to);
    }

    private static void SyncFolderOf(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var descriptor = Open(folder, O_RDONLY | O_CLOEXEC);
        if (descriptor < 0)
        {
            throw Failed("opened", folder);
        }

        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (Fsync(handle) != 0)
        {
            throw Failed("synced to disk", folder);
        }
    }

    private static IOException Failed(string what, string folder) => new($"The folder {folder} cannot be {what}: {Marshal.GetLastPInvokeErrorMessage()}.");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(SafeFileHandle descriptor);
}
