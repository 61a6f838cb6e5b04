using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json;

namespace SwarmNet.Agent.Images;

/// <summary>The files of an archive made by <c>docker save</c>, unpacked into a temporary folder: what images it holds.</summary>
internal sealed class ImageArchive(string folder)
{
    /// <summary>Unpacks the outer archive's files. Blocks.</summary>
    public void Unpack(Stream archive, CancellationToken cancellationToken)
    {
        try
        {
            using var reader = new TarReader(archive);
            while (reader.GetNextEntry() is { } entry)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Write(entry);
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new ImageException(ImageError.Invalid, $"the image archive is not a tar archive that can be read: {e.Message}", e);
        }
    }

    /// <summary>The archive's images: <c>manifest.json</c> where there is one, else the OCI layout's index.</summary>
    public IReadOnlyList<ArchivedImage> Images()
    {
        if (TryOpen("manifest.json") is { } manifest)
        {
            using (manifest)
            {
                return [.. Read(manifest, ImageJson.Default.ArchiveManifestArray).Select(
                    m => new ArchivedImage(m.RepoTags ?? [], ReadAll(m.Config), m.Layers))];
            }
        }

        using var index = TryOpen("index.json") ?? throw Invalid("it holds neither manifest.json nor index.json; a plain root file system is taken by import");
        return [.. Read(index, ImageJson.Default.OciIndex).Manifests.SelectMany(m => FromOci(m, Name(m), 0))];
    }

    /// <summary>A file of the archive.</summary>
    public Stream Open(string name) => TryOpen(name) ?? throw Invalid($"it does not hold the file {name}");

    private static string? Name(OciDescriptor manifest)
    {
        var annotations = manifest.Annotations ?? new Dictionary<string, string>();
        return annotations.GetValueOrDefault("io.containerd.image.name")
            ?? (annotations.GetValueOrDefault("org.opencontainers.image.ref.name") is { } name && name.AsSpan().ContainsAny(':', '/') ? name : null);
    }

    private static string BlobPath(string digest) =>
        digest.StartsWith("sha256:", StringComparison.Ordinal) ? "blobs/sha256/" + digest["sha256:".Length..] : throw Invalid($"the digest {digest} is not sha256");

    private static T Read<T>(Stream json, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw Invalid("one of its documents is null");
        }
        catch (JsonException e)
        {
            throw new ImageException(ImageError.Invalid, $"the image archive has a document that is not the JSON it should be: {e.Message}", e);
        }
    }

    private static ImageException Invalid(string why) => new(ImageError.Invalid, $"the image archive cannot be loaded: {why}");

    private IEnumerable<ArchivedImage> FromOci(OciDescriptor descriptor, string? name, int depth)
    {
        var bytes = ReadAll(BlobPath(descriptor.Digest));
        if ("sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes)) != descriptor.Digest)
        {
            throw Invalid($"the blob {descriptor.Digest} has another digest");
        }

        var manifest = Read(new MemoryStream(bytes), ImageJson.Default.OciManifest);
        if (manifest is { Config: { } config, Layers: { } layers })
        {
            return [new ArchivedImage(name is null ? [] : [name], ReadAll(BlobPath(config.Digest)), [.. layers.Select(l => BlobPath(l.Digest))])];
        }

        // An index in the index: take this machine's platform.
        var platform = manifest.Manifests?.FirstOrDefault(m => m.Platform is { Os: "linux" } p && p.Architecture == Platforms.GoArchitecture && HasBlob(m));
        return platform is not null && depth < 2 ? FromOci(platform, name, depth + 1)
            : throw Invalid($"the manifest {descriptor.Digest} has no image for linux/{Platforms.GoArchitecture}");
    }

    private bool HasBlob(OciDescriptor descriptor) => File.Exists(ScopedPath.Resolve(folder, BlobPath(descriptor.Digest), followLast: true));

    private byte[] ReadAll(string name)
    {
        using var stream = Open(name);
        if (stream.Length > 16 << 20)
        {
            throw Invalid($"its document {name} has {stream.Length} bytes; no more than 16 MiB are read");
        }

        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private FileStream? TryOpen(string name)
    {
        var path = ScopedPath.Resolve(folder, name, followLast: true);
        return File.Exists(path) ? new FileStream(path, FileMode.Open, FileAccess.Read) : null;
    }

    // Old archives share layers by symbolic links; reading resolves them within the folder.
    private void Write(TarEntry entry)
    {
        var path = ScopedPath.Resolve(folder, entry.Name, followLast: false);
        if (path == folder)
        {
            return;
        }

        switch (entry.EntryType)
        {
            case TarEntryType.Directory:
                Directory.CreateDirectory(path);
                break;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile:
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.Delete(path);
                using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write))
                {
                    entry.DataStream?.CopyTo(file, 1 << 18);
                }

                break;
            case TarEntryType.SymbolicLink:
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.Delete(path);
                Executor.LibC.SymbolicLink(entry.LinkName, path);
                break;
        }
    }
}

/// <summary>An image in an archive: names, configuration document, and the files of its layers, lowest first.</summary>
internal sealed record ArchivedImage(IReadOnlyList<string> Names, byte[] ConfigJson, IReadOnlyList<string> Layers);
