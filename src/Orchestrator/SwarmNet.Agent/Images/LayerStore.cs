using System.Globalization;
using System.IO.Compression;

namespace SwarmNet.Agent.Images;

/// <summary>
/// Unpacked layers, each once, under <c>layers/</c>: one folder per digest of the uncompressed archive. A folder appears whole
/// or not at all. Folder names are 20 digits of the digest, so that the longest image's overlay options fit one page.
/// </summary>
internal sealed class LayerStore
{
    private const int NameLength = 20;
    private const string Incoming = ".incoming-";
    private const string SizeSuffix = ".size";

    public LayerStore(string folder)
    {
        Folder = folder;
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var left in Directory.GetDirectories(folder, Incoming + "*"))
        {
            Directory.Delete(left, recursive: true);
        }
    }

    /// <summary>Where the layers' folders are.</summary>
    public string Folder { get; }

    /// <summary>The folder's name of a layer.</summary>
    public static string Name(string diffId) => diffId["sha256:".Length..][..NameLength];

    public bool Contains(string diffId) => File.Exists(SizePath(diffId));

    public string PathOf(string diffId) => Path.Combine(Folder, Name(diffId));

    /// <summary>Bytes of the layer's files.</summary>
    public long SizeBytes(string diffId) => long.Parse(File.ReadAllText(SizePath(diffId)), CultureInfo.InvariantCulture);

    /// <summary>
    /// Unpacks an archive, plain or gzip, and returns the digest of its uncompressed bytes. Blocks: call it from a thread of
    /// its own. The archive is disposed.
    /// </summary>
    /// <exception cref="ImageException">The archive is damaged, or its digest is not <paramref name="expected"/>.</exception>
    public string Add(Stream archive, string? expected, CancellationToken cancellationToken)
    {
        var incoming = Path.Combine(Folder, Incoming + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(incoming, (UnixFileMode)0x1ED);
        try
        {
            using var content = new HashingStream(Decompress(archive));
            var unpacker = new LayerUnpacker(incoming);
            unpacker.Unpack(content, cancellationToken);
            var diffId = content.Finish();
            if (expected is not null && expected != diffId)
            {
                throw new ImageException(ImageError.Invalid, $"a layer's content is {diffId}, but the image says {expected}");
            }

            if (!Contains(diffId))
            {
                Remove(diffId);
                Directory.Move(incoming, PathOf(diffId));
                File.WriteAllText(SizePath(diffId), unpacker.SizeBytes.ToString(CultureInfo.InvariantCulture));
            }

            return diffId;
        }
        catch (InvalidDataException e)
        {
            throw new ImageException(ImageError.Invalid, $"a layer cannot be decompressed: {e.Message}", e);
        }
        finally
        {
            if (Directory.Exists(incoming))
            {
                Directory.Delete(incoming, recursive: true);
            }
        }
    }

    /// <summary>Deletes the layer; nothing when it is not there.</summary>
    public void Remove(string diffId)
    {
        File.Delete(SizePath(diffId));
        if (Directory.Exists(PathOf(diffId)))
        {
            Directory.Delete(PathOf(diffId), recursive: true);
        }
    }

    /// <summary>The seekable archive's uncompressed bytes.</summary>
    public static Stream Decompress(Stream archive)
    {
        Span<byte> magic = stackalloc byte[4];
        var count = archive.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        archive.Position = 0;
        return magic[..count] switch
        {
            [0x1f, 0x8b, ..] => new GZipStream(archive, CompressionMode.Decompress),
            [0x28, 0xb5, 0x2f, 0xfd] => throw new ImageException(
                ImageError.Invalid, "zstd-compressed layers are not supported: save or push the image with gzip"),
            _ => archive,
        };
    }

    private string SizePath(string diffId) => PathOf(diffId) + SizeSuffix;
}
