using System.Text.Json;

namespace SwarmNet.Agent.Images;

public sealed partial class ImageStore
{
    /// <inheritdoc />
    public async Task<IReadOnlyList<LoadedImage>> LoadAsync(Stream archive, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        var incoming = Incoming();
        try
        {
            await ReceiveAsync(archive, incoming + ".tar", cancellationToken);
            return await OnThread(() => Load(incoming, cancellationToken));
        }
        finally
        {
            Delete(incoming + ".tar");
            Delete(incoming);
            _writing.Release();
        }
    }

    /// <inheritdoc />
    public async Task<ImageRecord> ImportAsync(
        Stream archive, string? repository, string? tag, IEnumerable<string> changes, string? message, CancellationToken cancellationToken)
    {
        var name = string.IsNullOrEmpty(repository) ? null : ParseTag(string.IsNullOrEmpty(tag) ? repository : $"{repository}:{tag}");
        var defaults = ImageChanges.Apply(new ImageConfig(), changes);
        await _writing.WaitAsync(cancellationToken);
        var incoming = Incoming() + ".tar";
        try
        {
            await ReceiveAsync(archive, incoming, cancellationToken);
            var diffId = await OnThread(() => Layers.Add(File.OpenRead(incoming), null, cancellationToken));
            var created = _time.GetUtcNow();
            var history = JsonSerializer.SerializeToElement(
                new Dictionary<string, string> { ["created"] = created.ToString("O"), ["comment"] = message ?? "Imported from -" },
                ImageJson.Default.IReadOnlyDictionaryStringString);
            var config = new ImageConfigFile
            {
                Architecture = Platforms.GoArchitecture,
                Os = "linux",
                Created = created,
                Config = defaults,
                RootFs = new ImageRootFs { DiffIds = [diffId] },
                History = [history],
            };
            var id = Add(JsonSerializer.SerializeToUtf8Bytes(config, ImageJson.Default.ImageConfigFile), name is null ? [] : [name], null);
            return _images[id];
        }
        finally
        {
            Delete(incoming);
            _writing.Release();
        }
    }

    private static async Task ReceiveAsync(Stream archive, string path, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write);
        await archive.CopyToAsync(file, cancellationToken);
    }

    // Unpacking is hashing and file writing all the way: it gets a thread of its own.
    private static Task<T> OnThread<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private string Incoming() => Path.Combine(_folder, "incoming-" + Guid.NewGuid().ToString("N"));

    private List<LoadedImage> Load(string incoming, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(incoming, OwnerOnly);
        var archive = new ImageArchive(incoming);
        using (var outer = LayerStore.Decompress(File.OpenRead(incoming + ".tar")))
        {
            archive.Unpack(outer, cancellationToken);
        }

        File.Delete(incoming + ".tar");
        var loaded = new List<LoadedImage>();
        foreach (var image in archive.Images())
        {
            var config = ParseConfig(image.ConfigJson);
            if (config.RootFs.DiffIds.Count != image.Layers.Count)
            {
                throw new ImageException(ImageError.Invalid, $"the image has {image.Layers.Count} layers, but its configuration names {config.RootFs.DiffIds.Count}");
            }

            foreach (var (diffId, file) in config.RootFs.DiffIds.Zip(image.Layers))
            {
                if (!Layers.Contains(diffId))
                {
                    Layers.Add(archive.Open(file), diffId, cancellationToken);
                }
            }

            var names = image.Names.Select(ParseTag).ToList();
            var id = Add(image.ConfigJson, names, null);
            loaded.AddRange(names.Count == 0 ? [new LoadedImage(id, null)] : names.Select(n => new LoadedImage(id, n.FamiliarTag)));
        }

        return loaded;
    }

    /// <summary>Registers an image whose layers are all there. The caller holds the writing lock.</summary>
    private string Add(byte[] configJson, IReadOnlyList<ImageReference> names, string? repoDigest)
    {
        var id = Digest(configJson);
        var old = _images.GetValueOrDefault(id);
        var digests = repoDigest is null ? old?.RepoDigests ?? [] : (old?.RepoDigests ?? []).Append(repoDigest).Distinct(StringComparer.Ordinal);
        File.WriteAllBytes(ConfigPath(id), configJson);
        var record = Record(id, configJson, new RepositoryEntry { RepoTags = old?.RepoTags ?? [], RepoDigests = [.. digests] });
        Save(names.Aggregate(_images.SetItem(id, record), (images, name) => WithName(images, id, name)));
        return id;
    }
}
