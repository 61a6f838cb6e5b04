using SwarmNet.Agent.Executor;
using SwarmNet.Agent.Images;

namespace SwarmNet.Agent.Tests.Images;

[Category("Kernel")]
public class LayerStoreTests
{
    private static string Add(LayerStore store, byte[] tar) => store.PathOf(store.Add(new MemoryStream(tar), null, CancellationToken.None));

    [Test]
    public void Owners_modes_links_and_devices_are_kept()
    {
        using var folder = new TemporaryFolder();
        var path = Add(new LayerStore(folder["layers"]), new TarBuilder()
            .Folder("d/", 0x3FF).File("d/suid", "x", 0x9ED, uid: 33).HardLink("d/same", "d/suid").Link("d/link", "/etc/passwd").Device("d/null", 1, 3)
            .ToArray());

        Assert.That((int)File.GetUnixFileMode(path + "/d"), Is.EqualTo(0x3FF));
        Assert.That((int)File.GetUnixFileMode(path + "/d/same"), Is.EqualTo(0x9ED), "setuid survives the change of owner");
        Assert.That(new FileInfo(path + "/d/link").LinkTarget, Is.EqualTo("/etc/passwd"));
        Assert.That(LibC.Stat(path + "/d/null"), Is.EqualTo((0x2000u | 0x1B6, 1u, 3u)));
    }

    [Test]
    public void Whiteouts_take_overlayfs_form()
    {
        using var folder = new TemporaryFolder();
        var path = Add(new LayerStore(folder["layers"]), new TarBuilder()
            .Folder("a/").File("a/.wh.gone", "").Folder("b/").File("b/.wh..wh..opq", "").File("b/new", "new").ToArray());

        Assert.That(LibC.Stat(path + "/a/gone") is { Major: 0, Minor: 0 } stat && (stat.Mode & LibC.S_IFMT) == LibC.S_IFCHR);
        Assert.That(LibC.Attribute(path + "/b", "trusted.overlay.opaque"), Is.EqualTo("y"u8.ToArray()));
        Assert.That(File.Exists(path + "/b/.wh..wh..opq"), Is.False);
    }

    [Test]
    public void Nothing_is_written_outside_the_layer()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["outside"]);
        File.WriteAllText(folder["outside/kept"], "kept");
        var path = Add(new LayerStore(folder["layers"]), new TarBuilder()
            .File("../../outside/dots", "x")
            .Link("abs", folder["outside"]).File("abs/through-link", "x")
            .Link("up", "../../outside").File("up/through-up", "x").File("up/.wh.kept", "")
            .Link("kept", folder["outside/kept"]).File("kept", "replaced")
            .Link("loop", "loop")
            .ToArray());

        Assert.That(Directory.GetFileSystemEntries(folder["outside"]), Is.EqualTo(new[] { folder["outside/kept"] }));
        Assert.That(File.ReadAllText(folder["outside/kept"]), Is.EqualTo("kept"));
        Assert.That(File.ReadAllText(path + "/outside/dots"), Is.EqualTo("x"), "a process with that root would see it there");
        Assert.That(File.ReadAllText(path + folder["outside/through-link"]), Is.EqualTo("x"));
        Assert.That(File.ReadAllText(path + "/kept"), Is.EqualTo("replaced"));
    }

    [Test]
    public void A_hard_link_to_the_outside_finds_nothing()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["secret"], "secret");
        var tar = new TarBuilder().HardLink("steal", folder["secret"]).ToArray();

        Assert.That(() => Add(new LayerStore(folder["layers"]), tar), Throws.InstanceOf<IOException>());
        Assert.That(Directory.GetFileSystemEntries(folder["layers"]), Is.Empty);
    }

    [Test]
    public void A_layer_with_another_digest_is_refused_and_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        var store = new LayerStore(folder["layers"]);
        var wrong = "sha256:" + new string('0', 64);

        Assert.That(
            () => store.Add(new MemoryStream(new TarBuilder().File("a", "a").ToArray()), wrong, CancellationToken.None),
            Throws.TypeOf<ImageException>().With.Message.Contains("but the image says " + wrong));
        Assert.That(Directory.GetFileSystemEntries(folder["layers"]), Is.Empty);
    }

    [Test]
    public void A_truncated_or_damaged_archive_is_refused()
    {
        using var folder = new TemporaryFolder();
        var store = new LayerStore(folder["layers"]);
        var tar = new TarBuilder().File("a", new string('a', 3000)).ToArray();
        var gzip = TarBuilder.Gzip(tar);
        foreach (var bytes in new[] { tar[..1800], gzip[..(gzip.Length / 2)], [0x28, 0xb5, 0x2f, 0xfd, 0, 0] })
        {
            Assert.That(() => store.Add(new MemoryStream(bytes), null, CancellationToken.None), Throws.TypeOf<ImageException>());
        }

        Assert.That(Directory.GetFileSystemEntries(folder["layers"]), Is.Empty);
    }

    [Test]
    public void The_merged_view_hides_what_upper_layers_take_away_and_stays_inside()
    {
        using var folder = new TemporaryFolder();
        var store = new LayerStore(folder["layers"]);
        var lower = Add(store, new TarBuilder().File("etc/passwd", "lower").File("etc/group", "lower").File("opq/old", "old").File("real/f", "f").Link("link", "/real").Link("out", "/../../../etc/hostname").ToArray());
        var upper = Add(store, new TarBuilder().File("etc/passwd", "upper").File("etc/.wh.group", "").File("opq/.wh..wh..opq", "").File("opq/new", "new").ToArray());
        var view = new LayerView([lower, upper]);

        Assert.That(view.ReadText("/etc/passwd"), Is.EqualTo("upper"));
        Assert.That(view.ReadText("/etc/group"), Is.Null);
        Assert.That(view.ReadText("/opq/old"), Is.Null);
        Assert.That(view.ReadText("/opq/new"), Is.EqualTo("new"));
        Assert.That(view.ReadText("/link/../link/f"), Is.EqualTo("f"));
        Assert.That(view.ReadText("/out"), Is.Null, "the host's file of that name is not the image's");
        Assert.That(view.FindFolder("/link"), Is.EqualTo("/real"));
    }
}
