using System.Formats.Tar;
using System.Text;
using SwarmNet.Agent.Executor;

namespace SwarmNet.Agent.Images;

/// <summary>
/// Unpacks one layer archive (OCI image-spec <c>layer.md</c>) into a folder in overlayfs's form: a whiteout
/// <c>.wh.name</c> becomes the character device 0:0 <c>name</c>, an opaque marker the attribute <c>trusted.overlay.opaque</c>.
/// Keeps owners, modes, times, hard links, devices and attributes. Writes nothing outside the folder, whatever the archive says.
/// </summary>
internal sealed class LayerUnpacker(string root)
{
    private const string WhiteoutPrefix = ".wh.";
    private const string OpaqueMarker = ".wh..wh..opq";
    private const string AttributePrefix = "SCHILY.xattr.";
    private const UnixFileMode FolderMode = (UnixFileMode)0x1ED; // 0755

    // Writing into a folder changes its time, so folders get theirs at the end.
    private readonly List<(string Path, DateTimeOffset Time)> _folderTimes = [];

    /// <summary>Bytes of all regular files so far.</summary>
    public long SizeBytes { get; private set; }

    /// <summary>Unpacks <paramref name="archive"/>, which is read to its last entry. Blocks.</summary>
    /// <exception cref="ImageException">The archive is damaged, or names something impossible.</exception>
    public void Unpack(Stream archive, CancellationToken cancellationToken)
    {
        try
        {
            using var reader = new TarReader(archive, leaveOpen: true);
            while (reader.GetNextEntry() is { } entry)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Write(entry);
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException or NotSupportedException)
        {
            throw new ImageException(ImageError.Invalid, $"a layer is not a tar archive that can be read: {e.Message}", e);
        }

        foreach (var (path, time) in Enumerable.Reverse(_folderTimes))
        {
            LibC.SetTime(path, time);
        }
    }

    private void Write(TarEntry entry)
    {
        if (entry.EntryType is TarEntryType.GlobalExtendedAttributes)
        {
            return;
        }

        var path = ScopedPath.Resolve(root, entry.Name, followLast: false);
        if (path == root)
        {
            WriteOwner(root, entry);
            return;
        }

        var parent = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(parent, FolderMode);
        var name = Path.GetFileName(path);
        if (name.StartsWith(WhiteoutPrefix, StringComparison.Ordinal))
        {
            WriteWhiteout(parent, name);
            return;
        }

        if (WriteNode(entry, path))
        {
            WriteOwner(path, entry);
        }
    }

    private static void WriteWhiteout(string parent, string name)
    {
        if (name == OpaqueMarker)
        {
            LibC.SetAttribute(parent, "trusted.overlay.opaque", "y"u8);
        }
        else if (!name.StartsWith(WhiteoutPrefix + WhiteoutPrefix, StringComparison.Ordinal))
        {
            var path = Path.Combine(parent, name[WhiteoutPrefix.Length..]);
            if (path == parent || Path.GetFileName(path) is ".." or ".")
            {
                throw new ImageException(ImageError.Invalid, $"a layer has the whiteout {name}, which names no file");
            }

            Remove(path);
            LibC.MakeNode(path, LibC.S_IFCHR, 0);
        }
    }

    /// <summary>False when the entry shares its inode, owner and mode with another.</summary>
    private bool WriteNode(TarEntry entry, string path)
    {
        switch (entry.EntryType)
        {
            case TarEntryType.Directory:
                if (!Directory.Exists(path) || new FileInfo(path).LinkTarget is not null)
                {
                    Remove(path);
                    Directory.CreateDirectory(path, FolderMode);
                }

                return true;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                Remove(path);
                using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1))
                {
                    entry.DataStream?.CopyTo(file, 1 << 18);
                    SizeBytes += file.Length;
                }

                return true;
            case TarEntryType.SymbolicLink:
                Remove(path);
                LibC.SymbolicLink(entry.LinkName, path);
                return true;
            case TarEntryType.HardLink:
                var existing = ScopedPath.Resolve(root, entry.LinkName, followLast: false);
                if (existing != path)
                {
                    Remove(path);
                    LibC.HardLink(existing, path);
                }

                return false;
            case TarEntryType.CharacterDevice or TarEntryType.BlockDevice or TarEntryType.Fifo:
                Remove(path);
                MakeNode((PosixTarEntry)entry, path);
                return true;
            default:
                throw new ImageException(ImageError.Invalid, $"a layer has an entry of type {entry.EntryType} ({entry.Name}), which no image should have");
        }
    }

    private static void MakeNode(PosixTarEntry entry, string path)
    {
        var type = entry.EntryType switch
        {
            TarEntryType.CharacterDevice => LibC.S_IFCHR,
            TarEntryType.BlockDevice => LibC.S_IFBLK,
            _ => LibC.S_IFIFO,
        };
        var device = type == LibC.S_IFIFO ? 0 : LibC.Device((uint)entry.DeviceMajor, (uint)entry.DeviceMinor);
        LibC.MakeNode(path, type, device);
    }

    private void WriteOwner(string path, TarEntry entry)
    {
        LibC.ChangeOwner(path, entry.Uid, entry.Gid);
        if (entry.EntryType != TarEntryType.SymbolicLink)
        {
            LibC.ChangeMode(path, (uint)entry.Mode);
        }

        if (entry is PaxTarEntry pax)
        {
            WriteAttributes(path, pax);
        }

        if (entry.EntryType == TarEntryType.Directory)
        {
            _folderTimes.Add((path, entry.ModificationTime));
        }
        else
        {
            LibC.SetTime(path, entry.ModificationTime);
        }
    }

    private static void WriteAttributes(string path, PaxTarEntry entry)
    {
        foreach (var (key, value) in entry.ExtendedAttributes)
        {
            // trusted.* belongs to overlayfs: a layer must not make its own whiteouts or redirects.
            if (key.StartsWith(AttributePrefix, StringComparison.Ordinal) && key[AttributePrefix.Length..] is var name
                && (name == "security.capability" || name.StartsWith("user.", StringComparison.Ordinal)))
            {
                LibC.SetAttribute(path, name, AttributeBytes(name, value));
            }
        }
    }

    // The reader decodes records as UTF-8, but a capability is binary: one with a byte above 0x7f (for example setuid's)
    // arrives damaged, and is refused rather than written wrong.
    private static byte[] AttributeBytes(string name, string value) =>
        name != "security.capability" || !value.Contains('\uFFFD', StringComparison.Ordinal)
            ? Encoding.UTF8.GetBytes(value)
            : throw new ImageException(ImageError.Invalid, "a layer has a file capability that this tar reader cannot read (bytes above 0x7f)");

    private static void Remove(string path)
    {
        if (Directory.Exists(path) && new FileInfo(path).LinkTarget is null)
        {
            Directory.Delete(path, recursive: true);
        }
        else
        {
            File.Delete(path);
        }
    }
}
