using System.Security.Cryptography;
using System.Text;
using SwarmNet.Agent.Images;

namespace SwarmNet.Agent.Tests.Images;

[Category("Kernel")]
public class ImageStoreTests
{
    private static readonly byte[] LayerTar = new TarBuilder().File("etc/motd", "hello").ToArray();

    private static string Digest(byte[] bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static byte[] Config(params byte[][] layers) => Encoding.UTF8.GetBytes(
        $$$"""{"architecture":"amd64","os":"linux","created":"2024-01-02T03:04:05Z","config":{"Cmd":["sh"],"Env":["A=1"]},"rootfs":{"type":"layers","diff_ids":[{{{string.Join(',', layers.Select(l => $"\"{Digest(l)}\""))}}}]}}""");

    private static byte[] DockerArchive(string tags, byte[] config, params (string Name, byte[] Bytes)[] layers)
    {
        var tar = new TarBuilder();
        foreach (var (name, bytes) in layers)
        {
            tar.File(name, bytes);
        }

        var names = string.Join(',', layers.Select(l => $"\"{l.Name}\""));
        return tar.File("config.json", config).File("manifest.json", $$"""[{"Config":"config.json","RepoTags":{{tags}},"Layers":[{{names}}]}]""").ToArray();
    }

    [Test]
    public async Task An_archive_of_docker_save_is_loaded_found_and_kept()
    {
        using var folder = new TemporaryFolder();
        var config = Config(LayerTar);
        using (var store = new ImageStore(folder.Path))
        {
            var loaded = await store.LoadAsync(new MemoryStream(TarBuilder.Gzip(DockerArchive("[\"app:1\"]", config, ("x/layer.tar", LayerTar)))), CancellationToken.None);
            Assert.That(loaded, Is.EqualTo(new[] { new LoadedImage(Digest(config), "app:1") }));
        }

        using var again = new ImageStore(folder.Path);
        var image = again.Inspect("docker.io/library/app:1");
        Assert.That((image.Id, image.SizeBytes, image.Config.Config!.Cmd![0]), Is.EqualTo((Digest(config), 5L, "sh")));
        Assert.That(again.Find(image.Id[7..19]), Is.EqualTo(image));
        Assert.That(again.Find("app@" + image.Id)?.Id, Is.EqualTo(image.Id));
        Assert.That(again.Find("app"), Is.Null, "the tag latest is another name");
        Assert.That(() => again.Inspect("app"), Throws.TypeOf<ImageException>().With.Message.EqualTo("No such image: app:latest"));
    }

    [Test]
    public async Task An_OCI_layout_is_loaded()
    {
        using var folder = new TemporaryFolder();
        using var store = new ImageStore(folder.Path);
        var (config, layer) = (Config(LayerTar), TarBuilder.Gzip(LayerTar));
        var manifest = Encoding.UTF8.GetBytes($$$"""{"config":{"digest":"{{{Digest(config)}}}"},"layers":[{"digest":"{{{Digest(layer)}}}"}]}""");
        var index = $$$"""{"manifests":[{"digest":"{{{Digest(manifest)}}}","annotations":{"io.containerd.image.name":"docker.io/library/oci:2"}}]}""";
        string Blob(byte[] bytes) => "blobs/sha256/" + Digest(bytes)[7..];
        var archive = new TarBuilder().File("index.json", index).File(Blob(manifest), manifest).File(Blob(config), config).File(Blob(layer), layer).ToArray();

        var loaded = await store.LoadAsync(new MemoryStream(archive), CancellationToken.None);

        Assert.That(loaded, Is.EqualTo(new[] { new LoadedImage(Digest(config), "oci:2") }));
    }

    [Test]
    public async Task A_damaged_archive_changes_nothing()
    {
        using var folder = new TemporaryFolder();
        using var store = new ImageStore(folder.Path);
        var other = new TarBuilder().File("evil", "x").ToArray();
        foreach (var archive in new[]
        {
            DockerArchive("[\"app:1\"]", Config(LayerTar), ("layer.tar", other)),
            DockerArchive("[\"app:1\"]", Config(LayerTar, LayerTar), ("layer.tar", LayerTar)),
            DockerArchive("[\"BAD:1\"]", Config(LayerTar), ("layer.tar", LayerTar)),
            DockerArchive("[\"app:1\"]", "{"u8.ToArray(), ("layer.tar", LayerTar)),
            new TarBuilder().File("etc/passwd", "x").ToArray(),
            "not a tar archive, but long enough to be looked at"u8.ToArray(),
        })
        {
            Assert.That(async () => await store.LoadAsync(new MemoryStream(archive), CancellationToken.None), Throws.TypeOf<ImageException>());
        }

        Assert.That(store.List(), Is.Empty);
        Assert.That(Directory.GetFileSystemEntries(folder["images"], "incoming-*"), Is.Empty);
    }

    [Test]
    public async Task An_import_applies_its_changes()
    {
        using var folder = new TemporaryFolder();
        using var store = new ImageStore(folder.Path);
        string[] changes = ["CMD [\"httpd\", \"-f\"]", "ENTRYPOINT /start me", "ENV A=1 B=\"two words\"", "EXPOSE 80 53/udp", "WORKDIR /srv", "LABEL x=y", "USER web", "VOLUME [\"/data\"]"];

        var image = await store.ImportAsync(new MemoryStream(LayerTar), "repo/app", "v1", changes, null, CancellationToken.None);

        var config = image.Config.Config!;
        Assert.That(image.RepoTags, Is.EqualTo(new[] { "repo/app:v1" }));
        Assert.That(config.Cmd, Is.EqualTo(new[] { "httpd", "-f" }));
        Assert.That(config.Entrypoint, Is.EqualTo(new[] { "/bin/sh", "-c", "/start me" }));
        Assert.That(config.Env, Is.EqualTo(new[] { "A=1", "B=two words" }));
        Assert.That(config.ExposedPorts!.Keys, Is.EqualTo(new[] { "80/tcp", "53/udp" }));
        Assert.That((config.WorkingDir, config.User, config.Labels!["x"], config.Volumes!.Keys.Single()), Is.EqualTo(("/srv", "web", "y", "/data")));
        Assert.That(Digest(image.ConfigJson.ToArray()), Is.EqualTo(image.Id));
        Assert.That(
            async () => await store.ImportAsync(new MemoryStream(LayerTar), "a", null, ["RUN x"], null, CancellationToken.None),
            Throws.TypeOf<ImageException>().With.Message.EqualTo("RUN is not a valid change command"));
    }

    [Test]
    public async Task Tags_move_and_the_last_one_takes_the_image_with_it()
    {
        using var folder = new TemporaryFolder();
        using var store = new ImageStore(folder.Path);
        var first = await store.ImportAsync(new MemoryStream(LayerTar), "app", "1", [], null, CancellationToken.None);
        var second = await store.ImportAsync(new MemoryStream(LayerTar), "app", "2", ["CMD x"], null, CancellationToken.None);
        await store.TagAsync("app:2", "app:1", CancellationToken.None);
        Assert.That(store.Inspect(first.Id).RepoTags, Is.Empty);
        Assert.That(store.Inspect("app:1").Id, Is.EqualTo(second.Id));

        store.IsInUse = id => id == second.Id;
        Assert.That(async () => await store.RemoveAsync(first.Id[7..19], false, CancellationToken.None), Has.Exactly(1).EqualTo(new RemovedImage(null, first.Id)));
        Assert.That(await store.RemoveAsync("app:2", false, CancellationToken.None), Is.EqualTo(new[] { new RemovedImage("app:2", null) }));
        Assert.That(
            async () => await store.RemoveAsync("app:1", false, CancellationToken.None),
            Throws.TypeOf<ImageException>().With.Property("Error").EqualTo(ImageError.Conflict));
        store.IsInUse = _ => false;
        await store.RemoveAsync("app:1", false, CancellationToken.None);
        Assert.That(store.List(), Is.Empty);
        Assert.That(Directory.GetFileSystemEntries(folder["layers"]), Is.Empty);
    }
}
