using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;

namespace SwarmNet.Agent.Images;

/// <summary>
/// Images in a folder: configuration documents under <c>images/configs</c>, names in <c>images/repositories.json</c>, unpacked
/// layers under <c>layers/</c>. One process at a time. Readers see snapshots; writers wait for each other.
/// </summary>
public sealed partial class ImageStore : IImageStore, IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _folder;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _writing = new(1);
    private ImmutableDictionary<string, ImageRecord> _images;

    /// <summary>Opens or creates the store under <paramref name="stateFolder"/>.</summary>
    public ImageStore(string stateFolder, TimeProvider? time = null)
    {
        _folder = Path.Combine(stateFolder, "images");
        _time = time ?? TimeProvider.System;
        Directory.CreateDirectory(ConfigFolder, OwnerOnly);
        foreach (var left in Directory.GetFileSystemEntries(_folder, "incoming-*"))
        {
            Delete(left);
        }

        Layers = new LayerStore(Path.Combine(stateFolder, "layers"));
        _images = Read();
    }

    /// <summary>Whether a container uses the image of that id; the executor sets it. Such an image is not deleted.</summary>
    public Func<string, bool> IsInUse { get; set; } = _ => false;

    internal LayerStore Layers { get; }

    /// <summary>Releases the writers' lock; the files need no closing.</summary>
    public void Dispose() => _writing.Dispose();

    private string ConfigFolder => Path.Combine(_folder, "configs");

    private string RepositoryPath => Path.Combine(_folder, "repositories.json");

    /// <inheritdoc />
    public IReadOnlyList<ImageRecord> List() => [.. _images.Values.OrderByDescending(i => i.Config.Created ?? DateTimeOffset.MinValue)];

    /// <inheritdoc />
    public ImageRecord? Find(string reference)
    {
        var images = _images;
        if (images.TryGetValue(reference, out var byId))
        {
            return byId;
        }

        if (ImageReference.TryParse(reference, out var name, out _) && images.Values.FirstOrDefault(i => HasName(i, name)) is { } byName)
        {
            return byName;
        }

        var prefix = reference.StartsWith("sha256:", StringComparison.Ordinal) ? reference : "sha256:" + reference;
        if (prefix.Length <= "sha256:".Length || !prefix["sha256:".Length..].All(char.IsAsciiHexDigitLower))
        {
            return null;
        }

        var byPrefix = images.Values.Where(i => i.Id.StartsWith(prefix, StringComparison.Ordinal)).Take(2).ToList();
        return byPrefix.Count < 2 ? byPrefix.FirstOrDefault()
            : throw new ImageException(ImageError.Invalid, $"multiple images match the prefix {reference}: give more digits");
    }

    /// <inheritdoc />
    public ImageRecord Inspect(string reference) =>
        Find(reference) ?? throw new ImageException(ImageError.NotFound, $"No such image: {Familiar(reference)}");

    /// <summary>The name as Docker's messages show it: with its tag.</summary>
    internal static string Familiar(string reference) =>
        ImageReference.TryParse(reference, out var name, out _) ? name.ToString() : reference;

    /// <inheritdoc />
    public async Task TagAsync(string reference, string target, CancellationToken cancellationToken)
    {
        var name = ParseTag(target);
        await _writing.WaitAsync(cancellationToken);
        try
        {
            Save(WithName(_images, Inspect(reference).Id, name));
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<RemovedImage>> RemoveAsync(string reference, bool force, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            var image = Inspect(reference);
            var isById = !ImageReference.TryParse(reference, out var name, out _) || !HasName(image, name);
            var rest = isById ? [] : image.RepoTags.Where(t => t != name.FamiliarTag).ToList();
            if (isById && image.RepoTags.Count > 1 && !force)
            {
                throw new ImageException(
                    ImageError.Conflict,
                    $"conflict: unable to delete {image.Id["sha256:".Length..][..12]} (must be forced) - image is referenced in multiple repositories");
            }

            var removed = image.RepoTags.Except(rest).Select(t => new RemovedImage(t, null)).ToList();
            if (rest.Count > 0)
            {
                Save(_images.SetItem(image.Id, image with { RepoTags = rest }));
                return removed;
            }

            if (IsInUse(image.Id))
            {
                if (isById || !force)
                {
                    throw new ImageException(
                        ImageError.Conflict,
                        $"conflict: unable to remove repository reference \"{reference}\" (must force) - a container is using its referenced image {image.Id["sha256:".Length..][..12]}");
                }

                Save(_images.SetItem(image.Id, image with { RepoTags = [] }));
                return removed;
            }

            Save(_images.Remove(image.Id));
            File.Delete(ConfigPath(image.Id));
            removed.Add(new RemovedImage(null, image.Id));
            var used = _images.Values.SelectMany(i => i.Config.RootFs.DiffIds).ToHashSet(StringComparer.Ordinal);
            foreach (var layer in image.Config.RootFs.DiffIds.Where(l => !used.Contains(l)).Distinct(StringComparer.Ordinal))
            {
                Layers.Remove(layer);
                removed.Add(new RemovedImage(null, layer));
            }

            return removed;
        }
        finally
        {
            _writing.Release();
        }
    }

    private static ImageReference ParseTag(string text)
    {
        if (!ImageReference.TryParse(text, out var name, out var error))
        {
            throw new ImageException(ImageError.Invalid, error);
        }

        return name is { Digest: null, Tag: not null } ? name : throw new ImageException(ImageError.Invalid, "refusing to create a tag with a digest reference");
    }

    // With a digest only content counts: a digest of the registry, or the image's own id.
    private static bool HasName(ImageRecord image, ImageReference name) => name.Digest is { } digest
        ? image.Id == digest || image.RepoDigests.Contains($"{name.Repository}@{digest}")
        : image.RepoTags.Contains(name.FamiliarTag!);

    private static ImmutableDictionary<string, ImageRecord> WithName(
        ImmutableDictionary<string, ImageRecord> images, string id, ImageReference name)
    {
        var tag = name.FamiliarTag!;
        foreach (var other in images.Values.Where(i => i.Id != id && i.RepoTags.Contains(tag)))
        {
            images = images.SetItem(other.Id, other with { RepoTags = [.. other.RepoTags.Where(t => t != tag)] });
        }

        return images[id].RepoTags.Contains(tag) ? images : images.SetItem(id, images[id] with { RepoTags = [.. images[id].RepoTags, tag] });
    }

    private static void Delete(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
        else
        {
            File.Delete(path);
        }
    }

    private string ConfigPath(string id) => Path.Combine(ConfigFolder, id["sha256:".Length..] + ".json");

    private ImmutableDictionary<string, ImageRecord> Read()
    {
        var images = ImmutableDictionary<string, ImageRecord>.Empty.WithComparers(StringComparer.Ordinal);
        if (!File.Exists(RepositoryPath))
        {
            return images;
        }

        var repositories = JsonSerializer.Deserialize(File.ReadAllBytes(RepositoryPath), ImageJson.Default.RepositoryFile)!;
        foreach (var (id, names) in repositories.Images)
        {
            var json = File.ReadAllBytes(ConfigPath(id));
            images = images.SetItem(id, Record(id, json, names));
        }

        return images;
    }

    private ImageRecord Record(string id, byte[] json, RepositoryEntry names)
    {
        var config = ParseConfig(json);
        return new ImageRecord(id, names.RepoTags, names.RepoDigests, config.RootFs.DiffIds.Sum(Layers.SizeBytes), config, json);
    }

    // Written whole beside the old file and renamed over it.
    private void Save(ImmutableDictionary<string, ImageRecord> images)
    {
        var file = new RepositoryFile
        {
            Images = images.ToDictionary(i => i.Key, i => new RepositoryEntry { RepoTags = i.Value.RepoTags, RepoDigests = i.Value.RepoDigests }),
        };
        using (var handle = File.OpenHandle(RepositoryPath + ".new", FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(handle, JsonSerializer.SerializeToUtf8Bytes(file, ImageJson.Default.RepositoryFile), 0);
            RandomAccess.FlushToDisk(handle);
        }

        File.Move(RepositoryPath + ".new", RepositoryPath, overwrite: true);
        _images = images;
    }

    private static ImageConfigFile ParseConfig(byte[] json)
    {
        ImageConfigFile config;
        try
        {
            config = JsonSerializer.Deserialize(json, ImageJson.Default.ImageConfigFile)!;
        }
        catch (JsonException e)
        {
            throw new ImageException(ImageError.Invalid, $"the image's configuration is not the JSON it should be: {e.Message}", e);
        }

        var isSound = config?.RootFs?.DiffIds?.All(d => d.StartsWith("sha256:", StringComparison.Ordinal) && d.Length == 71 && d[7..].All(char.IsAsciiHexDigitLower));
        return isSound == true ? config! : throw new ImageException(ImageError.Invalid, "the image's configuration names no layers by sha256 digest");
    }

    private static string Digest(ReadOnlySpan<byte> bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));
}
